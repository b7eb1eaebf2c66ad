"""What an unfinished turn goes on from."""

from typing import Any

import pytest

from convo.items.encoding import Item
from convo.pending.unfinished import UNKNOWN_RESULT, resumable, told, tools_run

THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": []}
SAID = {"role": "assistant", "content": "Let me see."}


def call(name: str, **more: Any) -> Item:
    return {"type": "function_call", "call_id": name, "name": name, "arguments": "{}", **more}


def output(name: str, text: str = "done", **more: Any) -> Item:
    return {"type": "function_call_output", "call_id": name, "output": text, **more}


DONE = [THOUGHT, SAID, call("pay"), output("pay")]


def test_what_has_run_is_kept_whole() -> None:
    assert resumable(DONE) == DONE
    assert tools_run(DONE, set()) == ["pay"]


def test_of_parallel_calls_the_one_that_had_not_begun_is_left_out() -> None:
    items = [THOUGHT, call("pay"), call("mail"), output("pay")]
    assert resumable(items) == [THOUGHT, call("pay"), output("pay")]
    assert tools_run(items, set()) == ["pay"]


def test_the_result_of_a_call_that_was_running_is_unknown() -> None:
    items = [THOUGHT, call("pay"), call("mail"), output("pay")]
    assert resumable(items, {"mail"}) == [*items, output("mail", UNKNOWN_RESULT)]
    assert told(items, {"mail"}) == resumable(items, {"mail"})
    assert tools_run(items, {"mail"}) == ["pay", "mail"]


@pytest.mark.parametrize(
    "last", [[THOUGHT, SAID], [THOUGHT, call("mail")], [{"type": "web_search_call", "id": "ws"}]]
)
def test_what_the_model_said_without_doing_anything_is_asked_for_again(last: list[Item]) -> None:
    assert resumable([*DONE, *last]) == DONE
    assert resumable(last) == []


@pytest.mark.parametrize(
    "kind", ["custom_tool_call", "local_shell_call", "shell_call", "apply_patch_call"]
)
def test_every_kind_of_call_has_an_output_of_its_kind(kind: str) -> None:
    made = {"type": kind, "call_id": "c"}
    (kept, answer) = resumable([made], {"c"})
    assert (kept, answer["type"], answer["call_id"]) == (made, f"{kind}_output", "c")
    assert UNKNOWN_RESULT in str(answer)


def test_a_click_whose_effect_nobody_saw_is_left_out() -> None:
    assert resumable([*DONE, {"type": "computer_call", "call_id": "c"}], {"c"}) == DONE


def test_an_approval_that_nobody_gave_is_asked_for_again() -> None:
    request = {"type": "mcp_approval_request", "id": "ask", "name": "mail", "server_label": "s"}
    granted = {
        "type": "mcp_approval_response",
        "approval_request_id": "ask",
        "approve": True,
    }
    assert resumable([request]) == []
    assert resumable([request, granted]) == [request, granted]


def test_handoffs_and_refused_calls_have_run_nothing() -> None:
    over, mail = call("transfer_to_desk"), call("mail")
    items = [
        over,
        output("transfer_to_desk"),
        mail,
        output("mail", "Tool execution was not approved."),
    ]
    assert tools_run(items, set()) == []
    assert resumable(items) == items
