"""What can be said about a choice of model before anything heavy is imported."""

import subprocess
import sys

import pytest

from convo.errors import ModelError
from convo_cli.turn.choice import ModelChoice, check_choice, server_url

KEY = {"OPENAI_API_KEY": "sk-0123456789"}


def test_importing_the_choice_imports_nothing_heavy() -> None:
    code = (
        "import sys, convo_cli.turn.choice;"
        "print(sorted({'agents', 'openai', 'pydantic', 'httpx2'}.intersection(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("environ", [{}, {"OPENAI_API_KEY": " "}])
def test_without_key_and_server_the_ways_on_are_named(environ: dict[str, str]) -> None:
    with pytest.raises(ModelError) as caught:
        check_choice(ModelChoice(), environ)
    assert str(caught.value) == "no model to ask: there is neither an API key nor a server"
    assert caught.value.hint == (
        "set OPENAI_API_KEY or use `convo key set`, or name a server with `convo server add` or "
        "--base-url (OPENAI_BASE_URL), or try --model echo, which is built in and works offline"
    )


@pytest.mark.parametrize(
    ("choice", "environ"),
    [
        (ModelChoice(), KEY),
        (ModelChoice(model="echo"), {}),
        (ModelChoice(model="litellm/anthropic/claude"), {}),
        (ModelChoice(model="any-llm/mistral/small"), {}),
        (ModelChoice(base_url="http://localhost:11434/v1"), {}),
        (ModelChoice(), {"OPENAI_BASE_URL": "http://localhost:11434/v1"}),
    ],
)
def test_somebody_can_be_asked(choice: ModelChoice, environ: dict[str, str]) -> None:
    check_choice(choice, environ)


def test_the_address_of_openai_itself_needs_a_key_like_no_address() -> None:
    choice = ModelChoice(base_url="https://api.openai.com/v1")
    assert server_url(choice, KEY) is None
    with pytest.raises(ModelError, match="neither an API key"):
        check_choice(choice, {})


def test_the_command_line_goes_before_the_environment() -> None:
    environ = {"OPENAI_BASE_URL": "http://environment/v1"}
    assert server_url(ModelChoice(base_url="http://line/v1"), environ) == "http://line/v1"
    assert server_url(ModelChoice(), environ) == "http://environment/v1"


@pytest.mark.parametrize(
    "url", ["localhost:11434", "ftp://host/v1", "http://", "http://[", "http://host:port/v1"]
)
def test_an_address_that_is_none_is_named(url: str) -> None:
    with pytest.raises(ModelError) as caught:
        check_choice(ModelChoice(base_url=url), {})
    assert str(caught.value) == f"the base URL {url!r} is not a web address"


def test_a_broken_address_is_named_without_its_password() -> None:
    with pytest.raises(ModelError) as caught:
        check_choice(ModelChoice(base_url="me:secret@localhost:1"), {})
    assert str(caught.value) == "the base URL 'localhost:1' is not a web address"
