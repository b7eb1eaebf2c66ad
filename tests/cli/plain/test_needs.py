"""Which turns are asked without the Agents SDK, and which go through it."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from convo_cli.plain.needs import needs_sdk
from convo_cli.turn.choice import ModelChoice
from convo_cli.turn.context_reference import JsonContext
from convo_cli.turn.reference import AgentReference
from convo_cli.turn.tool_policy import ToolPolicy

PLAIN = ModelChoice(model="m", base_url="http://localhost:1/v1")

WITHOUT: dict[str, dict[str, Any]] = {
    "model": {"model": "gpt-5"},
    "base_url": {"base_url": None},
    "api": {"api": "responses"},
    "instructions": {"instructions": "Be brief."},
    "max_turns": {"max_turns": 1},
    "timeout": {"timeout": 1.0},
    "stream": {"stream": False},
    "active": {"active": "Desk"},
    "goes_on_with_agent": {"goes_on_with_agent": False},
    "is_chosen": {"is_chosen": True},
    "settings": {"settings": {"temperature": 1, "reasoning": {"effort": "low"}}},
    "server_is_of_model": {"server_is_of_model": True},
    "mcp_servers": {"mcp_servers": {}},
    "recorded": {"recorded": frozenset({"model"})},
    "context": {"context": JsonContext({})},
    "schema": {"schema": {"type": "object"}},
    "template": {"template": "brief"},
    "template_values": {"template_values": {"language": "Norwegian"}},
    "opening": {"opening": "Translate:"},
    "goes_on_with_template": {"goes_on_with_template": False},
    "tools": {"tools": ToolPolicy("refuse", lambda name, arguments: False)},
    "agent_is_of_template": {"agent_is_of_template": True},
}
WITH: dict[str, dict[str, Any]] = {
    "agent": {"agent": AgentReference(Path("desk.py"))},
    "trace": {"trace": True},
    "mcp": {"mcp": ("files",)},
}


@pytest.mark.parametrize("name", WITHOUT)
def test_what_goes_without(name: str) -> None:
    assert not needs_sdk(replace(PLAIN, **WITHOUT[name]), [], {})


@pytest.mark.parametrize("name", WITH)
def test_what_goes_through_the_sdk(name: str) -> None:
    assert needs_sdk(replace(PLAIN, **WITH[name]), [], {})
    assert needs_sdk(replace(PLAIN, model="echo", **WITH[name]), [], {})


def test_every_field_of_a_choice_is_decided_about() -> None:
    assert {field.name for field in fields(ModelChoice)} == WITHOUT.keys() | WITH.keys()


@pytest.mark.parametrize(
    ("model", "base_url", "needed"),
    [
        (None, None, False),
        ("echo", None, False),
        ("openai/gpt-5", None, False),
        ("litellm/claude", None, True),
        ("any-llm/claude", None, True),
        ("litellm/claude", "http://localhost:1/v1", False),
        ("gpt-5", "https://me.example/v1?api-version=2", True),
    ],
)
def test_names_and_servers(model: str | None, base_url: str | None, needed: bool) -> None:
    assert needs_sdk(ModelChoice(model=model, base_url=base_url), [], {}) is needed


def test_the_server_of_the_environment_counts() -> None:
    choice = ModelChoice(model="litellm/claude")
    assert not needs_sdk(choice, [], {"OPENAI_BASE_URL": "http://localhost:1/v1"})


@pytest.mark.parametrize(
    "settings",
    [
        {"tool_choice": "auto"},
        {"timeout": 5},
        {"extra_headers": {"a": "b"}},
        {"extra_body": {"tools": []}},
        {"reasoning": {}},
        {"reasoning": {"effort": "huge"}},
        {"reasoning": {"effort": None}},
        {"verbosity": "loud"},
        {"truncation": "never"},
        {"temperature": float("nan")},
        {"metadata": {"a": 1}},
        {"max_tokens": True},
        {"brand_new": 1},
    ],
    ids=str,
)
def test_settings_that_only_the_sdk_knows(settings: dict[str, Any]) -> None:
    assert needs_sdk(replace(PLAIN, settings=settings), [], {})


@pytest.mark.parametrize(
    ("item", "needed"),
    [
        ({"role": "user", "content": "Hi"}, False),
        ({"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}, False),
        ({"type": "web_search_call", "id": "ws_1"}, False),
        ("damaged", False),
        ({"type": "computer_call", "call_id": "c"}, True),
        ({"type": "brand_new"}, True),
        ({"role": "user", "content": [{"type": "input_audio"}]}, True),
    ],
)
def test_histories(item: Any, needed: bool) -> None:
    assert needs_sdk(PLAIN, [item], {}) is needed
    assert not needs_sdk(replace(PLAIN, model="echo"), [item], {})


def test_a_turn_that_goes_on_from_what_its_tools_did() -> None:
    assert needs_sdk(PLAIN, [], {}, goes_on=True)


@pytest.mark.parametrize("name", ["CONVO_ALWAYS_SDK", "OPENAI_CUSTOM_HEADERS", "OPENAI_LOG"])
def test_variables_that_the_libraries_read(name: str) -> None:
    assert needs_sdk(PLAIN, [], {name: "1"})
    assert not needs_sdk(PLAIN, [], {name: ""})
