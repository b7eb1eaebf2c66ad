"""The table of what becomes of each kind of item, and its documentation."""

import re
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from openai.types.responses.response_input_item_param import ResponseInputItemParam

from convo_cli.wire.kinds import FATES, UNKNOWN, Fates, fate
from convo_cli.wire.sendable import sendable
from tests.server.strict.fields import item_fields

DOCS = Path(__file__).parents[3] / "docs" / "servers.md"


def test_the_documentation_has_the_table_of_the_code() -> None:
    rows = re.findall(r"^\| (?:`(\w+)`|any other) \| (.+) \| (.+) \|$", DOCS.read_text(), re.M)
    documented = {name: Fates(*fates) for name, *fates in rows}
    assert documented == {**FATES, "": UNKNOWN}


def test_every_kind_of_item_that_the_api_takes_is_in_the_table() -> None:
    assert item_fields().keys() <= FATES.keys()
    assert len(get_args(ResponseInputItemParam)) > 30
    assert get_type_hints(Fates).keys() == {"responses", "chat"}


ITEM = {"id": "x_1", "call_id": "c", "name": "tool", "action": {"type": "search", "query": "Oslo"}}
ALONE = [kind for kind, fates in FATES.items() if fates.chat in ("as text", "left out")]


@pytest.mark.parametrize("kind", [*ALONE, "brand_new_call"])
def test_what_is_told_and_what_is_left_out(kind: str) -> None:
    sent, changed = sendable([{"type": kind, **ITEM}], "chat")
    becomes = fate(kind, "chat")
    assert [item["role"] for item in sent] == (["assistant"] if becomes == "as text" else [])
    assert not sent or "Oslo" in sent[0]["content"][0]["text"]
    assert changed in ({kind: becomes}, {kind: "left out"})


CALLS = [kind for kind, fates in FATES.items() if fates.chat == "as a call"]


@pytest.mark.parametrize("kind", [kind for kind in CALLS if not kind.endswith("_output")])
def test_other_calls_become_calls_of_functions(kind: str) -> None:
    output = {"type": f"{kind}_output", "call_id": "c", "output": "done"}
    sent, changed = sendable([{"type": kind, **ITEM}, output], "chat")
    assert [item["type"] for item in sent] == ["function_call", "function_call_output"]
    assert (sent[0]["name"], sent[1]["output"]) == ("tool", "done")
    assert set(changed.values()) == {"as a call"}


@pytest.mark.parametrize("kind", FATES)
def test_the_responses_api_is_sent_all_kinds(kind: str) -> None:
    assert fate(kind, "responses") == "sent"
