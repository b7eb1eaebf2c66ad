"""What servers say that they do not take."""

from typing import Any

import pytest

from convo_cli.wire.refusals import SEALED, Refusals
from convo_cli.wire.requests import responses_request

BODY: dict[str, Any] = {"input": [{"type": "reasoning", "id": "rs_1"}], "include": [SEALED]}
SAID = {
    "Item with id 'rs_1' not found. Items are not persisted when `store` is set to false.": (
        "stored_items"
    ),
    "Item 'fc_1' of type 'function_call' was provided without its required 'reasoning' item": (
        "stored_items"
    ),
    "Item 'rs_1' of type 'reasoning' was provided without its required following item.": (
        "stored_items"
    ),
    "The encrypted content gAAA...wXBV could not be verified.": "sealed_reasoning",
    "litellm.BadRequestError: AzureException - invalid_encrypted_content": "sealed_reasoning",
    "Encrypted content is not supported with this model.": "sealing",
    "Unknown parameter: 'include'.": "sealing",
    "Invalid value: 'reasoning.encrypted_content'. Supported values are: 'x'. include": "sealing",
}


@pytest.mark.parametrize(("said", "name"), SAID.items())
def test_a_refusal_is_news_once(said: str, name: str) -> None:
    told: list[str] = []
    refusals = Refusals(told.append)
    assert refusals.learn(400, said, BODY)
    assert getattr(refusals, name)
    assert not refusals.learn(400, said, BODY)
    assert len(told) == (name != "sealing")


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (500, "Item with id 'rs_1' not found."),
        (404, "The model `gpt-9` does not exist."),
        (400, "Invalid schema for function 'look'"),
        (429, "Rate limit reached"),
    ],
)
def test_other_errors_stay_errors(status: int, said: str) -> None:
    assert not Refusals().learn(status, said, BODY)


def test_what_was_refused_is_not_sent_again() -> None:
    body = {
        "input": [{"type": "reasoning", "id": "rs_1", "encrypted_content": "x"}],
        "store": False,
    }
    assert responses_request(body, Refusals())["include"] == [SEALED]
    assert "include" not in responses_request(body, Refusals(sealing=True))
    assert "include" not in responses_request({"input": "Hi"}, Refusals())
