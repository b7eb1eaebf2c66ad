"""Strategies: every item that the SDK stores, names, search terms, turns."""

import json
import typing
from collections.abc import Iterable, Sequence
from typing import Any, Literal

from hypothesis import strategies as st
from openai.types.responses import ResponseInputItemParam

from tests.core.talk import assistant, user


def item_types() -> list[str]:
    """Every `type` that an input item of the SDK can have, read off the SDK's own types."""
    found: set[str] = set()

    def collect(annotation: Any) -> None:
        if typing.get_origin(annotation) is Literal:
            found.update(typing.get_args(annotation))
        for part in typing.get_args(annotation):
            collect(part)

    for shape in typing.get_args(ResponseInputItemParam):
        collect(typing.get_type_hints(shape)["type"])
    return sorted(found)


_SAYINGS = [
    "hello", "Hello there", "ÜBER", "über alles", "50% of it", "under_score", "back\\slash",
    'a "quote"', "it's", "nul\x00inside", "lone \ud800 surrogate", "straße", "日本語", "🦉 owl",
    "line\nbreak", "x" * 120, "é" * 99, "5", "",
]  # fmt: skip
sayings = st.sampled_from(_SAYINGS) | st.text(max_size=12)
terms = st.sampled_from([*_SAYINGS, "h", "HELLO", "ss", "%", "_", "\\", "\n", "x" * 110])

_parts = st.one_of(
    sayings.map(lambda text: {"type": "input_text", "text": text}),
    st.just({"type": "input_image", "image_url": "data:image/png;base64,AAAA", "detail": "auto"}),
    st.just({"type": "input_file", "file_id": "f-1"}),
)
_odd_parts = st.sampled_from([{"type": "input_text", "text": None}, {"text": 5}, "a bare string"])
_contents = sayings | st.lists(_parts, max_size=3)
_odd_contents = st.sampled_from([None, 5, 1.5]) | st.lists(
    _parts | _odd_parts, min_size=1, max_size=3
)
_numbers = st.sampled_from(
    [0, -1, 2**53 + 1, 2**64 - 1, 2**64, -(2**80), 1e300, -0.5, float("inf")]
)
_extras = st.fixed_dictionaries(
    {},
    optional={
        "id": st.just("i-1"),
        "status": st.sampled_from(["completed", "incomplete", None]),
        "summary": st.just([{"type": "summary_text", "text": "thought"}]),
        "encrypted_content": st.just("gAAAA"),
        "provider_data": st.dictionaries(st.sampled_from("abc"), _numbers, max_size=2),
    },
)
_tool_names = st.sampled_from(["look_up", "Zählen", "a.b", "x'y", ""])
_namespaces = st.sampled_from(["crm", "look_up", ""])
_servers = st.sampled_from(["docs", "crm"])


def _typed(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    required: dict[str, Any] = {"type": st.just(kind)}
    optional: dict[str, Any] = {}
    if kind in ("function_call", "custom_tool_call"):
        required |= {"call_id": st.just("c-1"), "name": _tool_names, "arguments": st.just("{}")}
        optional["namespace"] = _namespaces
    elif kind in ("mcp_call", "mcp_approval_request"):
        required |= {"name": _tool_names, "server_label": _servers, "arguments": st.just("{}")}
    elif kind == "mcp_list_tools":
        required |= {"server_label": _servers, "tools": st.just([])}
    elif kind.endswith("_output"):
        required |= {"call_id": st.just("c-1"), "output": sayings | st.lists(_parts, max_size=2)}
    return st.tuples(st.fixed_dictionaries(required, optional=optional), _extras).map(
        lambda both: both[1] | both[0]
    )


def _message(role: str) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"role": st.just(role), "content": _contents},
        optional={"type": st.just("message"), "name": st.just("ann"), "id": st.just("m-1")},
    )


questions = st.one_of(
    sayings.map(user),
    _message("user"),
    st.fixed_dictionaries({"role": st.just("user"), "content": _odd_contents}),
    st.just({"role": "user"}),
)
_replies = st.one_of(
    sayings.map(assistant),
    _message("assistant"),
    st.just({"role": "assistant", "content": None, "refusal": "no"}),
)
_others = st.sampled_from(item_types()).flatmap(_typed)
_without_role = st.one_of(
    st.sampled_from([{}, {"content": "x"}, {"type": ""}, [1, 2], "text", None, 7]),
    st.sampled_from(["system", "developer"]).map(
        lambda role: {"role": role, "content": "Be brief."}
    ),
)
batches = st.lists(
    st.one_of(questions, questions, _replies, _others, _others, _without_role),
    min_size=1,
    max_size=6,
)

conversations = st.lists(st.tuples(questions, _others, _replies), min_size=1, max_size=3).map(
    lambda turns: [item for turn in turns for item in turn]
)

unserialisable = st.sampled_from([{1, 2}, b"bytes", object(), 1j]).map(
    lambda value: {"role": "user", "content": value}
)

corruptions = st.sampled_from(
    ["{not json", "", '{"role": "user", "content": "cut', "null", "5", "[1]"]
)
"""What may stand in a row instead of an item; the last three are JSON, but no object."""

NAMES = [
    "main",
    "fork",
    "Fork",
    " fork ",
    "x'y",
    "a/b",
    "Ünï",
    "new\nline",
    "nul\x00",
    "🦉",
    "b1",
    "b2",
]
"""Names of branches to make, and to look for."""

names = st.sampled_from([None, None, None, *NAMES, *NAMES, "", " \t"])
pops = st.sampled_from([1, 2, 3, 40])
"""How many items to take back at once; the last takes all of them."""

limits = st.sampled_from([None, None, 0, 1, 2, 3, 100, -1, -5])


def item_of(data: str) -> Any:
    """What a stored row holds, or None where it holds nothing that can be read."""
    try:
        return json.loads(data)
    except ValueError:
        return None


choices = st.integers(0, 99)
"""Which of the things that are there by then; nine times of ten, it is one of those."""


def chosen(choice: int, there: Iterable[Any], others: Sequence[Any]) -> Any:
    """One of the things that are there, or, seldom or where there are none, of the others."""
    usual = sorted(there)
    options = usual if usual and choice % 10 != 7 else others
    return options[choice // 10 % len(options)]
