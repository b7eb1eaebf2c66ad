"""Adapts a history to the Responses API."""

from collections.abc import Mapping, Sequence

from convo_cli.wire.call_ids import CallIds
from convo_cli.wire.contents import parts_of, text_of, texts
from convo_cli.wire.kinds import Item, fate, kind_of
from convo_cli.wire.legal import legal_call
from convo_cli.wire.pairs import CALL_OF, OUTPUT_OF
from convo_cli.wire.told import as_call, told

_LONGEST_ID = 64
"""The longest id that the API accepts, in characters."""

_PREFIXES: Mapping[str, str] = {"message": "msg", "function_call": "fc", "reasoning": "rs"}
"""The prefixes of OpenAI's ids. Other ids are refused; these kinds need none."""

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
"""Fields that are stored with items but not sent."""

_NAMES = {"async_": "async"}
"""Fields that the SDK stores under another name, because Python reserves theirs."""


def fits(call_id: str) -> bool:
    """Whether the API accepts this id of a call."""
    return 0 < len(call_id) <= _LONGEST_ID


def for_responses(items: Sequence[Item | None], *, is_stored: bool = True) -> list[Item]:
    """The items in the form of the API, without anything that it would refuse.

    None stands for an item that was left out earlier, and may have followed reasoning. The API
    refuses reasoning without the item that followed it, and that item without its reasoning unless
    it is sent without an id. If the server does not store items (`is_stored`), reasoning is sent
    only with its encrypted content.
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
            if without_reasoning and _is_known_by_its_id(item):
                continue
            result.append(_answer(_without_id(item) if without_reasoning else item))
    return result


def without_stored(items: Sequence[Item], *, keeps_encrypted: bool = True) -> list[Item]:
    """The items in full, without ids that the server would have to look up.

    Reasoning is kept if it has encrypted content, unless the server cannot read that either.
    """
    return for_responses([_whole(item, keeps_encrypted) for item in items])


def _whole(item: Item, keeps_encrypted: bool) -> Item | None:
    kind = kind_of(item)
    if kind == "reasoning":
        sealed = keeps_encrypted and item.get("encrypted_content")
        return _without_id(item) if sealed else None
    # An output has the form of its call, because the API accepts neither without the other.
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
        _NAMES.get(key, key): value
        for key, value in item.items()
        if value is not None and key not in _NOT_TAKEN
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
        # Encrypted content of another kind of server is useless to this one.
        is_known = bool(given.get("encrypted_content")) or ("id" in given and is_stored)
        return {"summary": [], **given} if is_known and not item.get("provider_data") else None
    return given


def _is_known_by_its_id(item: Item) -> bool:
    """Whether the server knows an item's content by its id alone."""
    return kind_of(item) == "reasoning" and not item.get("encrypted_content")


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
    """An answer of the model; without an id it can only contain text."""
    if item.get("role") != "assistant":
        return item
    if "id" in item:
        return {"type": "message", "status": "completed", **item}
    phase = {"phase": item["phase"]} if "phase" in item else {}
    return {"role": "assistant", "content": text_of(item["content"]), **phase}


def _is_by_model(item: Item) -> bool:
    """Whether the model made an item; False for a mere reference, whose author is unknown."""
    kind = kind_of(item)
    if kind == "message":
        return item.get("role") == "assistant"
    return kind not in CALL_OF and kind != "item_reference"


def _is_followed(items: Sequence[Item | None], index: int) -> bool:
    """Whether the reasoning is followed by another item of the same answer."""
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
    """The items without repeated ids: a server that repeats ids cannot look items up."""
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
            # An item that needs its id is a call of the server's, and no other item has that id.
            renamed = {**item, "id": f"{own.partition('_')[0]}_{ids.make(own)}"}
            result.append(_without_id(renamed))
        else:
            result.append(item)
            seen.add(own)
    return result


def _is_known_by_id(item: Item) -> bool:
    return kind_of(item) in _KNOWN_BY_ID and isinstance(item.get("id"), str)


def _without_id(item: Item) -> Item:
    """The item without an id, unless its kind needs one."""
    if kind_of(item) not in _NEED_NO_ID:
        return item
    return {key: value for key, value in item.items() if key != "id"}
