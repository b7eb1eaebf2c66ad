"""Which model a choice opens, and where."""

import pytest
from agents.models.openai_chatcompletions import OpenAIChatCompletionsModel
from agents.models.openai_responses import OpenAIResponsesModel

from convo.errors import ModelError
from convo_cli.agent.echo import EchoModel
from convo_cli.agent.models import opened_model
from convo_cli.turn.choice import ModelChoice
from tests.cli.agent.asking import Asker
from tests.server import OpenAIServer

HERE = "http://localhost:1/v1"
CHOOSE = "choose with -m or, in a chat, /model"


@pytest.mark.parametrize("base_url", [None, HERE])
async def test_echo_is_built_in_whatever_the_server(base_url: str | None) -> None:
    async with opened_model(ModelChoice(model="echo", base_url=base_url)) as opened:
        assert isinstance(opened.model, EchoModel)
        assert opened.estimated
        assert (opened.asked.model, opened.asked.base_url, opened.api) == ("echo", None, None)


@pytest.mark.parametrize(
    ("choice", "name", "kind"),
    [
        (ModelChoice(model="gpt-4.1"), "gpt-4.1", OpenAIResponsesModel),
        (ModelChoice(model="openai/gpt-4.1"), "gpt-4.1", OpenAIResponsesModel),
        (ModelChoice(model="gpt-4.1", api="chat"), "gpt-4.1", OpenAIChatCompletionsModel),
        (ModelChoice(model="org/m", base_url=HERE), "org/m", OpenAIChatCompletionsModel),
        (ModelChoice(model="openai/m", base_url=HERE), "openai/m", OpenAIChatCompletionsModel),
        (ModelChoice(model="litellm/m", base_url=HERE), "litellm/m", OpenAIChatCompletionsModel),
        (ModelChoice(model="m", base_url=HERE, api="responses"), "m", OpenAIResponsesModel),
    ],
)
async def test_what_is_asked_for(choice: ModelChoice, name: str, kind: type) -> None:
    async with opened_model(choice) as opened:
        assert isinstance(opened.model, str)
        model = opened.provider.get_model(opened.model)
        assert isinstance(model, kind)
        assert model.model == name  # type: ignore[attr-defined]
        assert opened.asked.model == choice.model


async def test_the_default_model_is_recorded_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_DEFAULT_MODEL", "gpt-4.1-mini")
    async with opened_model(ModelChoice()) as opened:
        assert (opened.model, opened.asked.model) == (None, "gpt-4.1-mini")
        assert (opened.asked.where, opened.api) == ("OpenAI", "responses")


async def test_a_provider_that_nobody_knows() -> None:
    with pytest.raises(ModelError) as caught:
        async with opened_model(ModelChoice(model="acme/large")):
            pass
    assert str(caught.value) == "no provider 'acme', which the model 'acme/large' names"


async def test_a_library_that_is_not_installed() -> None:
    error = await Asker("").fail(model="litellm/anthropic/claude", base_url=None)
    assert str(error) == "litellm is not installed"
    assert error.hint == "pip install 'openai-agents[litellm]'"


@pytest.mark.parametrize("key", ["sk-ü", "sk-a\x1b[0m", "sk-a\nb"])
async def test_a_key_that_cannot_be_one(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", key)
    error = await Asker("").fail(base_url=None)
    assert str(error) == "OPENAI_API_KEY has characters that no key has"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ALL_PROXY", "foo://proxy", "Unknown scheme for proxy URL"),
        ("SSL_CERT_FILE", "/no/such/file", "No such file or directory"),
    ],
)
async def test_settings_of_the_network_that_do_not_work(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    error = await Asker("https://there.invalid/v1").fail()
    assert str(error).startswith("https://there.invalid/v1 cannot be asked: ")
    assert said in str(error)
    assert name in str(error.hint)


async def test_a_key_is_sent_without_the_newline_of_its_file(
    openai_server: OpenAIServer, asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test\n")
    await asker.ask()
    assert openai_server.requests[0].key == "sk-test"


async def test_no_key_is_needed_at_a_server(
    openai_server: OpenAIServer, asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    await asker.ask()
    assert openai_server.requests[0].key == "no-key-needed"


async def test_without_a_name_the_only_model_of_the_server_is_asked(
    openai_server: OpenAIServer, asker: Asker
) -> None:
    outcome = await asker.ask(model=None)
    assert openai_server.requests[-1].model == outcome.run.model == "test-model"


async def test_without_a_name_the_default_of_the_environment_is_asked(
    openai_server: OpenAIServer, asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_DEFAULT_MODEL", "Mine")
    outcome = await asker.ask(model=None)
    assert openai_server.requests[0].model == outcome.run.model == "Mine"


@pytest.mark.parametrize(
    ("models", "message", "hint"),
    [
        ([], "{url} has no model", "load one there, or name one with -m"),
        (["a", "b"], "{url} has 2 models, and none was chosen", f"{CHOOSE}: a, b"),
        ("abcdefg", "{url} has 7 models, and none was chosen", f"{CHOOSE}: a, b, c, d, e, …"),
    ],
)
async def test_without_a_name_and_a_choice_the_names_are_told(
    models: list[str], message: str, hint: str
) -> None:
    with OpenAIServer(models=models) as server:
        error = await Asker(server.base_url).fail(model=None)
        assert (str(error), error.hint) == (message.format(url=server.base_url), hint)


async def test_a_server_without_a_list_of_models(openai_server: OpenAIServer, asker: Asker) -> None:
    error = await Asker(f"{openai_server.base_url}/deeper").fail(model=None)
    assert str(error) == f"{openai_server.base_url}/deeper does not list its models"
    assert error.hint == "name one with -m"
