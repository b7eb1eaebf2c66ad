"""What the input of a turn consists of, and what the outputs of tools cost after their turn.

Servers count the tokens of whole requests. Of their parts only the size is known: a token is taken
to be four bytes of UTF-8, and an image to be as long as `IMAGE` tokens. A request sends everything
before it again, so a part counts as often as it was sent.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from convo.history.lines import WholeLine
from convo.history.transcript import TranscriptTurn
from convo.items.contents import TranscriptItem, attached
from convo.usage.details import is_number

Kind = Literal[
    "instructions", "prompt", "answer", "reasoning", "call", "output", "attachment", "other"
]

IMAGE = 1_000
"""Tokens that an image is taken to have: servers count pixels, which are not known here."""

_IMAGES = (".png", ".jpg", ".jpeg", ".gif", ".webp")

_BYTES = 4
_BASE64 = 4 / 3
_KINDS: Mapping[str, Kind] = {
    "system": "instructions",
    "user": "prompt",
    "assistant": "answer",
    "reasoning": "reasoning",
    "tool_call": "call",
    "handoff": "call",
    "tool_output": "output",
}
_OF_MODEL = frozenset({"assistant", "reasoning", "tool_call", "handoff"})
_ERRORS = ("An error occurred while running the tool", "An error occurred while parsing tool")


class Share(NamedTuple):
    """A part of the input of a turn: what a turn has of one kind, and of one tool.

    `size` is the estimated number of tokens, as often as they were sent; `name` is that of the
    tool or of the attachment.
    """

    turn: int
    kind: Kind
    name: str | None
    size: int


class ToolCost(NamedTuple):
    """What one tool did in one turn.

    `failed` counts calls whose output is an error; `seconds` is the time of the `timed` calls.
    `output_tokens` is the estimated size of the outputs, `sent_tokens` the same as often as they
    were sent to a model afterwards.
    """

    session_id: str
    branch_id: str
    turn: int
    tool: str
    calls: int = 0
    failed: int = 0
    seconds: float = 0
    timed: int = 0
    output_tokens: int = 0
    sent_tokens: int = 0


def shares(turns: Iterable[TranscriptTurn], number: int) -> list[Share]:
    """What the requests of a turn were sent, of that turn and of those before it; largest first."""
    earlier: dict[tuple[int, Kind, str | None], int] = {}
    of_turn: list[tuple[TranscriptItem, int]] = []
    for turn in turns:
        if turn.turn > number:
            break
        if turn.turn == number:
            of_turn = list(_with_requests_after(turn.items))
            break
        for item in turn.items:
            _add(earlier, turn.turn, item, 1)
    requests = max((after for _, after in of_turn), default=1)
    found = {key: size * requests for key, size in earlier.items()}
    for item, after in of_turn:
        _add(found, number, item, after)
    sized = (Share(*key, size) for key, size in found.items() if size)
    return sorted(sized, key=lambda share: (-share.size, share.turn, share.kind))


def requests_of(turn: TranscriptTurn) -> int:
    """How many requests the model answered in a turn, at least one."""
    return max((after for _, after in _with_requests_after(turn.items)), default=1) or 1


def tool_costs(
    session_id: str, lines: Sequence[WholeLine], seconds: Mapping[str, float]
) -> list[ToolCost]:
    """What each tool cost in each turn of these lines; `seconds` are those of calls, by their ids.

    An output counts as often as it was sent: to the later requests of its turn, of the turns after
    it, and of the branches that share it.
    """
    found: dict[tuple[str, int, str], ToolCost] = {}
    # Of a branch that is still to come: after which turn others begin, with all their requests.
    # Parents are older than their branches, and so nearer to the beginning of the list.
    forks: dict[str, list[tuple[int | None, int]]] = {}
    for line in reversed(lines):
        weighed = [
            (number, requests_of(turn), list(_of_turn(session_id, line, number, turn, seconds)))
            for number, turn in zip(line.numbers, line.turns, strict=True)
        ]
        begin = forks.pop(line.branch_id, [])
        later = sum(requests for after, requests in begin if after is None)
        for number, requests, costs in reversed(weighed):
            later += sum(count for after, count in begin if after == number)
            for one, after in costs:
                sent = one.output_tokens * (after + later)
                key = (one.branch_id, one.turn, one.tool)
                found[key] = together(found.get(key), one._replace(sent_tokens=sent))
            later += requests
        if line.parent is not None:
            forks.setdefault(line.parent, []).append((line.after, later))
    order = {line.branch_id: place for place, line in enumerate(lines)}
    return sorted(found.values(), key=lambda one: (order[one.branch_id], one.turn, one.tool))


def times_of(runs: Iterable[bytes | None]) -> dict[str, float]:
    """The seconds that calls took, by their ids, as the ledger has them for each run."""
    found: dict[str, float] = {}
    for data in runs:
        try:
            times = json.loads(data or b"{}")
        except (ValueError, RecursionError):
            continue
        if isinstance(times, dict):
            found |= {call: float(time) for call, time in times.items() if is_number(time)}
    return found


def _of_turn(
    session_id: str,
    line: WholeLine,
    number: int,
    turn: TranscriptTurn,
    seconds: Mapping[str, float],
) -> Iterator[tuple[ToolCost, int]]:
    """The calls and outputs of a turn, each with the number of its later requests in the turn."""
    for item, after in _with_requests_after(turn.items):
        is_call, is_output = item.kind == "tool_call", item.kind == "tool_output"
        if not is_call and not is_output:
            continue
        time = seconds.get(item.call_id or "") if is_call else None
        yield (
            ToolCost(
                session_id,
                line.branch_id,
                number,
                item.tool or item.kind,
                calls=int(is_call),
                failed=int(_is_failure(item)),
                seconds=time or 0,
                timed=int(time is not None),
                output_tokens=_tokens(item.output or ""),
            ),
            after,
        )


def together(one: ToolCost | None, other: ToolCost) -> ToolCost:
    """The sums of two costs, by the session, branch, turn and tool of the first."""
    if one is None:
        return other
    return one._replace(
        calls=one.calls + other.calls,
        failed=one.failed + other.failed,
        seconds=one.seconds + other.seconds,
        timed=one.timed + other.timed,
        output_tokens=one.output_tokens + other.output_tokens,
        sent_tokens=one.sent_tokens + other.sent_tokens,
    )


def _with_requests_after(
    items: Sequence[TranscriptItem],
) -> Iterator[tuple[TranscriptItem, int]]:
    """The items of a turn, each with the number of requests that were made after it."""
    begins = [
        item.kind in _OF_MODEL and (place == 0 or items[place - 1].kind not in _OF_MODEL)
        for place, item in enumerate(items)
    ]
    after = sum(begins)
    for item, begins_answer in zip(items, begins, strict=True):
        after -= begins_answer
        yield item, after


def _add(
    sizes: dict[tuple[int, Kind, str | None], int], turn: int, item: TranscriptItem, times: int
) -> None:
    """Add the parts of an item, as often as they were sent."""
    for kind, name, size in _parts(item):
        key = (turn, kind, name)
        sizes[key] = sizes.get(key, 0) + size * times


def _parts(item: TranscriptItem) -> Iterator[tuple[Kind, str | None, int]]:
    kind = _KINDS.get(item.kind, "other")
    said = "".join(text for text in (item.text, item.arguments) if text)
    if kind == "output":
        yield kind, item.tool, _tokens(item.output or "")
    else:
        yield kind, item.tool, _tokens(said)
        if item.output:
            yield "output", item.tool, _tokens(item.output)
    yield from _attachments(item)


def _attachments(item: TranscriptItem) -> Iterator[tuple[Kind, str | None, int]]:
    """The attachments of an item, and the tokens that they are taken to have.

    That is by the size of what is stored, unless it is an image; several files share it equally.
    """
    files = sum(not _is_image(name) for name in item.attachments)
    size = _size_of_files(item) // files if files else 0
    for name in item.attachments:
        yield "attachment", name, IMAGE if _is_image(name) else size


def _is_image(name: str) -> bool:
    return name.startswith("image") or name.lower().endswith(_IMAGES)


def _size_of_files(item: TranscriptItem) -> int:
    """The tokens of everything in an item that is neither text nor an image."""
    try:
        whole = len(json.dumps(item.item, ensure_ascii=False))
    except (TypeError, ValueError):
        return 0
    texts = sum(len(text) for text in (item.text, item.arguments, item.output) if text)
    images = sum(len(one.image or "") for one in attached(item.item))
    return int(max(whole - texts - images, 0) / _BASE64) // _BYTES


def _tokens(text: str) -> int:
    return -(-len(text.encode("utf-8", "surrogatepass")) // _BYTES)


def _is_failure(item: TranscriptItem) -> bool:
    """Whether a call or an output says that the tool failed."""
    stored = item.item
    if not isinstance(stored, dict):
        return False
    says_so = stored.get("status") in {"failed", "incomplete"} or bool(stored.get("error"))
    return says_so or (item.output or "").startswith(_ERRORS)
