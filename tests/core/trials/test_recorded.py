"""Outputs of tools are found by the name and the arguments of their calls."""

from typing import Any

from convo.trials.recorded import RecordedOutput, RecordedOutputs


def called(name: str, arguments: str, output: Any, call: str) -> list[Any]:
    return [
        {"type": "function_call", "name": name, "arguments": arguments, "call_id": call},
        {"type": "function_call_output", "call_id": call, "output": output},
    ]


def test_the_same_arguments_however_they_are_written() -> None:
    outputs = RecordedOutputs().add_turn(called("find", '{"a": 1, "b": [2]}', "there", "1"))
    assert outputs.find("find", '{"b":[2],"a":1}') == RecordedOutput("there")
    assert outputs.find("find", '{"a": 1}') is None
    assert outputs.find("look", '{"a": 1, "b": [2]}') is None


def test_several_outputs_come_in_their_order_and_the_last_one_again() -> None:
    items = [*called("roll", "{}", "6", "1"), *called("roll", "", "2", "2")]
    outputs = RecordedOutputs().add_turn(items)
    assert [outputs.find("roll", "{}") for _ in range(3)] == [("6",), ("2",), ("2",)]


def test_the_outputs_of_the_turn_itself_come_first() -> None:
    first = RecordedOutputs().add_turn(called("read", "{}", "old", "1"))
    second = first.add_turn(called("write", "{}", "done", "1"))
    assert second.find("read", "{}") == RecordedOutput("old")
    third = second.add_turn(called("read", "{}", "new", "1"))
    assert third.find("read", "{}") == RecordedOutput("new")
    assert third.find("write", "{}") == RecordedOutput("done")


def test_what_is_damaged_is_passed_over() -> None:
    items: list[Any] = [
        {"type": "function_call", "name": "a", "arguments": "{", "call_id": "1"},
        {"type": "function_call_output", "call_id": "1", "output": None},
        {"type": "function_call_output", "call_id": "9", "output": "of no call"},
        "text",
        {"type": "custom_tool_call", "name": "b", "input": "free", "call_id": "2"},
        {"type": "custom_tool_call_output", "call_id": "2", "output": "text"},
    ]
    outputs = RecordedOutputs().add_turn(items)
    assert outputs.find("a", "{") == RecordedOutput(None)
    assert outputs.find("b", "free") == RecordedOutput("text")
