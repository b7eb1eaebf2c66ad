"""Where our class differs from the SDK's on purpose: all of it, by name.

`DIFFERENCES` is the list; the functions say exactly what each difference comes to, and what they
do not take away has to be equal. `test_differences.py` shows each of them on both classes.
"""

from typing import Any

from tests.core.differential.tables import Row

DIFFERENCES = {
    "empty branches are there": (
        "a branch is there from its creation to its deletion and `main` always; to the SDK one"
        " without items does not exist: it is not listed, switched to, deleted or returned to"
    ),
    "a deleted branch stays deleted": (
        "an append or pop on a branch that another instance has deleted fails;"
        " the SDK's append brings the branch back, and its pop finds nothing"
    ),
    "a clear is seen by delete_branch": (
        "after another instance's clear this one is on `main` whatever it does next; to the SDK's"
        " delete_branch without force the branch of before is still the current one"
    ),
    "runs of one turn are added up": (
        "a second run in one turn is added to the first, unless it begins with its requests;"
        " the SDK keeps the last run alone"
    ),
    "nested token details are kept": "the SDK stores no details at all if one of them is nested",
    "more calls are tools": (
        "image generation, local shell and the tools of an MCP server are counted"
    ),
    "a speaker is no tool": "the `name` in a message is not taken for the name of a tool",
    "search folds case as Unicode does": "the SDK's search knows the case of ASCII letters alone",
    "search takes odd contents": (
        "null, numbers and parts without text are searched like any other content, and the empty"
        " term is found in empty content; the SDK's search fails on the first or leaves it out"
    ),
    "a copied turn was said when it was said": "in the SDK it carries the time of the fork",
    "branches of one second are in order": (
        "those are listed as they were made; in the SDK's list in no order of time"
    ),
    "errors of items are one": (
        "what cannot be JSON is a TypeError that says which item; to the SDK a circular one is a"
        " ValueError"
    ),
    "what is closed says which it is": (
        "both raise RuntimeError once they are closed; ours names the session"
    ),
    "opening writes nothing": (
        "the SDK's constructor notes and enters the clear generation; ours notes it when first used"
        " and leaves entering it to the first write, which also reserves the branch's name at once"
    ),
}

_UNCOUNTED = {"image_generation_call", "local_shell_call", "mcp_list_tools"}
_SPOKEN = {"user", "assistant", "message", "other"}


def our_tool_name(kind: str, theirs: str | None) -> str | None:
    """What we call the tool of an item whose tool the SDK calls `theirs`."""
    if kind in _UNCOUNTED:
        return kind
    return None if kind in _SPOKEN else theirs


def our_tool_usage(theirs: list[Any], rows: list[Row]) -> list[Any]:
    """What we count, where the SDK counts `theirs`, on a branch with these rows."""
    more: dict[tuple[int, str], int] = {}
    for row in rows:
        if row["message_type"] in _UNCOUNTED:
            key = row["user_turn_number"], row["message_type"]
            more[key] = more.get(key, 0) + 1
    added = [[name, count, turn] for (turn, name), count in more.items()]
    return sorted(theirs + added, key=lambda row: (row[2], row[0]))


def is_well_formed(content: Any) -> bool:
    """Whether the SDK's search can read a content: text, or parts with text or without any."""
    if isinstance(content, list):
        return all(
            isinstance(part, dict) and isinstance(part.get("text", ""), str) for part in content
        )
    return isinstance(content, str)


def breaks_their_search(content: Any) -> bool:
    """Whether the SDK's search may fail as a whole on a content, instead of leaving it out."""
    return not isinstance(content, str | dict) and not is_well_formed(content)


def texts(content: Any) -> list[str]:
    """What search looks through in a content."""
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        return [str(text) for text in parts if isinstance(text, str | int | float)]
    if content is None:
        return []
    return [content if isinstance(content, str) else str(content)]


def we_find(term: str, content: Any) -> bool:
    """Whether our search finds a term in a content."""
    folded = term.casefold()
    return not term or any(folded in text.casefold() for text in texts(content))


def they_find(term: str, content: Any) -> bool:
    """Whether the SDK's search finds a term in a content that it can read."""
    # A part without text counts as one with an empty text.
    parts = content if isinstance(content, list) else [{"text": content}]
    folded = _ascii_folded(term)
    return any(folded in _ascii_folded(part.get("text", "")) for part in parts)


def _ascii_folded(text: str) -> str:
    return "".join(char.lower() if char.isascii() else char for char in text)
