"""A history as the Responses API takes it."""

from collections.abc import Mapping, Sequence

from convo_cli.wire.call_ids import CallIds
from convo_cli.wire.contents import parts_of, text_of, texts
from convo_cli.wire.kinds import Item, fate, kind_of
from convo_cli.wire.legal import legal_call
from convo_cli.wire.pairs import CALL_OF, OUTPUT_OF
from convo_cli.wire.told import as_call, told

_LONGEST_ID = 64
"""Characters."""

_PREFIXES: Mapping[str, str] = {"message": "msg", "function_call": "fc", "reasoning": "rs"}
"""How OpenAI's ids begin. Others are refused, and not needed for these kinds."""

_KNOWN_BY_ID = frozenset(
    {
        "local_shell_call",
        "local_shell_call_output",
        "computer_call",
        "mcp_approval_request",
    }
)
_NEED_NO_ID = frozenset({*_PREFIXES, *OUTPUT_OF, *CALL_OF}) - _KNOWN_BY_ID

_NOT_TAKEN = ("provider_data", "created_by")
"""What is stored with items, and is no part of what is sent."""


def fits(call_id: str) -> bool:
    """Whether a call can have this id."""
    return 0 < len(call_id) <= _LONGEST_ID


def for_responses(items: Sequence[Item | None], *, is_stored: bool = True) -> list[Item]:
    """The items in the form of the API, without what it would refuse.

    None stands for an item that was left out already, which reasoning may have belonged to.
    Reasoning is refused without what the model did next, and what it did is refused without its
    reasoning, unless it goes without an id. Where nothing `is_stored` by the server, reasoning is
    sent only with its encrypted content.
    """
    made = [None if item is None else _made(item, is_stored) for item in _distinct(items)]
    gone = {
        index
        for index, item in enumerate(items)
        if item is not None and kind_of(item) == "reasoning" and not _is_followed(made, index)
    }
    result: list[Item] = []
    without_reasoning = False
    for index, item in enumerate(made):
        if index in gone:
            without_reasoning = True
        elif item is not None:
            without_reasoning = without_reasoning and _is_by_model(item)
            result.append(_answer(_without_id(item) if without_reasoning else item))
    return result


def without_stored(items: Sequence[Item], *, keeps_encrypted: bool = True) -> list[Item]:
    """The items whole, with nothing that the server would have to look up.

    Reasoning stays with its encrypted content, unless the server cannot read that either.
    """
    return for_responses([_whole(item, keeps_encrypted) for item in items])


def _whole(item: Item, keeps_encrypted: bool) -> Item | None:
    kind = kind_of(item)
    if kind == "reasoning":
        sealed = keeps_encrypted and item.get("encrypted_content")
        return _without_id(item) if sealed else None
    # What came of a call goes in the form of its call: neither is taken without the other.
    if CALL_OF.get(kind, kind) in _NEED_NO_ID:
        return _without_id(item)
    match fate(kind, "chat"):
        case "as a call":
            return as_call(item)
        case "as text" if said := told(item):
            return {"role": "assistant", "content": said}
    return None


def _made(item: Item, is_stored: bool) -> Item | None:
    kind = kind_of(item)
    given = {
        key: value for key, value in item.items() if value is not None and key not in _NOT_TAKEN
    }
    if "id" in given and kind in _PREFIXES and not _is_id(given["id"], _PREFIXES[kind]):
        given = _without_id(given)
    if kind == "message":
        return _message(given)
    if kind == "function_call":
        return legal_call(given)
    if kind == "function_call_output":
        return {**given, "output": _output(given.get("output"))}
    if kind == "reasoning":
        # That of another kind of server says nothing to this one.
        is_known = bool(given.get("encrypted_content")) or ("id" in given and is_stored)
        return {"summary": [], **given} if is_known and not item.get("provider_data") else None
    return given


def _output(output: object) -> object:
    return output if isinstance(output, str) else parts_of(output, "said", "responses") or ""


def _is_id(own: object, prefix: str) -> bool:
    return isinstance(own, str) and own.startswith(prefix) and len(own) <= _LONGEST_ID


def _message(item: Item) -> Item | None:
    content = item.get("content")
    if item.get("role") == "assistant":
        given = texts(content, "answered") if isinstance(content, str) else content
        parts = parts_of(given, "answered", "responses")
        return {**item, "content": parts} if text_of(parts) else None
    if isinstance(content, str):
        return item
    return {**item, "content": parts_of(content, "said", "responses") or ""}


def _answer(item: Item) -> Item:
    """An answer of the model; without an id only a text can be one."""
    if item.get("role") != "assistant":
        return item
    if "id" in item:
        return {"type": "message", "status": "completed", **item}
    phase = {"phase": item["phase"]} if "phase" in item else {}
    return {"role": "assistant", "content": text_of(item["content"]), **phase}


def _is_by_model(item: Item) -> bool:
    """Whether the model said or did this; of what is only referred to nobody knows."""
    kind = kind_of(item)
    if kind == "message":
        return item.get("role") == "assistant"
    return kind not in CALL_OF and kind != "item_reference"


def _is_followed(items: Sequence[Item | None], index: int) -> bool:
    """Whether reasoning is there, and after it something else of the same answer."""
    if items[index] is None:
        return False
    left_out = False
    for follower in items[index + 1 :]:
        if follower is None:
            left_out = True
        elif kind_of(follower) != "reasoning":
            return _is_by_model(follower)
        elif left_out:
            return False
    return False


def _distinct(items: Sequence[Item | None]) -> list[Item | None]:
    """The items, of which no two have one id: a server that gives one twice looks none up."""
    ids = CallIds(item["id"] for item in items if item and isinstance(item.get("id"), str))
    needed = {item["id"] for item in items if item and _is_known_by_id(item)}
    seen: set[str] = set()
    result: list[Item | None] = []
    for item in items:
        own = item.get("id") if item else None
        if item is None or not isinstance(own, str):
            result.append(item)
        elif _is_known_by_id(item):
            result.append(None if own in seen else item)
            seen.add(own)
        elif own in seen or own in needed or not own:
            # What needs an id is a call of the server's, of which nothing else has the id.
            renamed = {**item, "id": f"{own.partition('_')[0]}_{ids.make(own)}"}
            result.append(_without_id(renamed))
        else:
            result.append(item)
            seen.add(own)
    return result


def _is_known_by_id(item: Item) -> bool:
    return kind_of(item) in _KNOWN_BY_ID and isinstance(item.get("id"), str)


def _without_id(item: Item) -> Item:
    """The item without an id, where its kind needs none."""
    if kind_of(item) not in _NEED_NO_ID:
        return item
    return {key: value for key, value in item.items() if key != "id"}
