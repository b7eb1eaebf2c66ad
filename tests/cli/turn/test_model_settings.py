"""Model settings as `KEY=VALUE`."""

from dataclasses import fields
from typing import Any

import pytest
from agents import ModelSettings

from convo_cli.turn.errors import ChoiceError
from convo_cli.turn.model_settings import KINDS, model_settings


def test_every_setting_of_the_sdk_is_known() -> None:
    assert set(KINDS) == {field.name for field in fields(ModelSettings)}


@pytest.mark.parametrize(
    ("given", "settings"),
    [
        ([], {}),
        (["temperature=0.2", "max_tokens=7"], {"temperature": 0.2, "max_tokens": 7}),
        (["verbosity=low"], {"verbosity": "low"}),
        (["truncation=7"], {"truncation": "7"}),
        (["store=false"], {"store": False}),
        (
            ["reasoning.effort=low", "reasoning.summary=auto"],
            {"reasoning": {"effort": "low", "summary": "auto"}},
        ),
        (
            ['extra_body={"a": 1}', "extra_body.b.c=x=y"],
            {"extra_body": {"a": 1, "b": {"c": "x=y"}}},
        ),
        (["tool_choice=required"], {"tool_choice": "required"}),
        (["temperature=0", "temperature=1"], {"temperature": 1}),
    ],
)
def test_settings(given: list[str], settings: dict[str, Any]) -> None:
    assert model_settings(given) == settings


@pytest.mark.parametrize(
    ("given", "said", "hint"),
    [
        ("temprature=1", "there is no model setting 'temprature'", "did you mean temperature?"),
        ("xyzzy=1", "there is no model setting 'xyzzy'", "there are temperature, top_p"),
        ("temperature", "the setting 'temperature' has no value", "a setting is KEY=VALUE"),
        ("temperature=hot", "the setting temperature is a number, not 'hot'", None),
        ("temperature=true", "the setting temperature is a number, not 'true'", None),
        ("temperature=NaN", "the setting temperature is a number, not 'NaN'", None),
        ("max_tokens=1.5", "the setting max_tokens is a whole number, not '1.5'", None),
        ("store=maybe", "the setting store is true or false, not 'maybe'", None),
        ("extra_body=x", "the setting extra_body is an object, not 'x'", None),
        ("store.x=1", "the setting store is true or false: nothing is inside of it", None),
    ],
)
def test_mistakes(given: str, said: str, hint: str | None) -> None:
    with pytest.raises(ChoiceError) as caught:
        model_settings([given])
    assert str(caught.value) == said
    assert (caught.value.hint or "").startswith(hint or "")


def test_a_setting_in_two_ways() -> None:
    with pytest.raises(ChoiceError, match=r"extra_body\.a\.b is given in two ways"):
        model_settings(["extra_body.a=1", "extra_body.a.b=2"])
