"""Templates: saved, asked with, remembered, and what they are no permission for."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.hostile import marking_agent
from tests.program import Program, ended
from tests.server import Fault, OpenAIServer


def config_of(convo: Program) -> Path:
    return convo.home / ".config" / "convo" / "config.toml"


@pytest.fixture
def review(convo: Program) -> Program:
    """The program, with a template that takes two values."""
    saved = convo(
        *("template", "save", "review", "-i", "You review $language.\nIt costs $$5."),
        *("--prompt", "Look at: $code"),
    )
    assert saved.err == "saved the template 'review'; `convo chat -t review` asks with it\n"
    return convo


def test_values_are_given_or_piped_in(review: Program) -> None:
    given = review("chat", "-t", "review", "-p", "language=Python", "-p", "code=1+1")
    assert 'You said "Look at: 1+1"' in given.out
    assert 'My instructions say "You review Python. It costs $5."' in given.out
    piped = review("chat", "-t", "review", "-p", "language=C", "And more", stdin="main();\n")
    assert 'You said "Look at: main(); And more"' in piped.out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("-t", "revue"), "there is no template 'revue' (did you mean 'review'?)"),
        (("-t", "review"), "the template 'review' needs $language, $code; give -p language=… -p"),
        (("-t", "review", "-p", "language=C"), "the template 'review' needs $code; give -p code=…"),
        (("-t", "review", "-p", "lang=C"), "the template 'review' has no $lang (did you mean"),
        (("-t", "review", "-p", "language"), "'language' gives no value; a value is NAME=VALUE"),
        (("-p", "language=C"), "-p gives a template its values; name one with -t"),
        (("-t", "review", "--no-template"), "--template and --no-template contradict each other"),
    ],
)
def test_what_is_wrong_with_its_use(review: Program, args: tuple[str, ...], said: str) -> None:
    assert review("chat", *args, "Hi").error(2).startswith(said)
    assert not review.db.exists()


def test_the_session_remembers_its_template(review: Program) -> None:
    assert review("chat", "-t", "review", "-p", "language=Go", "-p", "code=x").code == 0
    with closing(sqlite3.connect(review.db)) as file:
        (kept,) = file.execute("SELECT template, template_values FROM convo_sessions")
    # The code belongs to one question: only what the instructions were given is kept.
    assert kept == ("review", '{"language": "Go"}')
    assert json.loads(review("session", "info", "--json").out)["template"] == "review"
    assert 'My instructions say "You review Go.' in review("chat", "More").out
    assert "instructions" not in review("chat", "--no-template", "More").out
    assert "instructions" not in review("chat", "More").out


def test_a_first_question_that_failed_remembers_it_too(
    convo: Program, openai_server: OpenAIServer
) -> None:
    del convo.env["CONVO_MODEL"]
    assert convo("server", "add", "local", openai_server.base_url).code == 0
    assert convo("template", "save", "b", "-m", "local/m", "-i", "Be $how.").code == 0
    openai_server.script(Fault.status(401))
    assert convo("chat", "-t", "b", "-p", "how=brief", "Hi").code == 5
    assert convo("retry").code == 0
    assert convo("chat", "More").code == 0
    said = [request.data["messages"][0]["content"] for request in openai_server.requests[-2:]]
    assert said == ["Be brief.", "Be brief."]


def test_a_template_that_is_gone_is_left_out_with_a_notice(review: Program) -> None:
    assert review("chat", "-t", "review", "-p", "language=Go", "-p", "code=x").code == 0
    assert review("template", "delete", "review").err == "deleted the template 'review'\n"
    done = review("chat", "More")
    assert "instructions" not in done.out
    assert done.err == (
        "the template 'review' of this session is not there any more: it goes on without it\n"
    )


def test_what_is_typed_goes_before_it_and_the_environment_after(
    convo: Program, openai_server: OpenAIServer
) -> None:
    convo.env["CONVO_MODEL"] = "echo"
    assert convo("server", "add", "local", openai_server.base_url).code == 0
    assert convo("alias", "set", "fast", "local/small").code == 0
    assert convo("config", "set", "options.top_p", "0.5").code == 0
    args = ("-m", "fast", "-o", "temperature=0", "-i", "Be brief.")
    assert convo("template", "save", "brief", *args).code == 0
    assert convo("chat", "-t", "brief", "Hi").out == "Answer 1 to: Hi\n"
    assert convo("chat", "-t", "brief", "-i", "Be long.", "-o", "temperature=1", "Hi").code == 0
    assert "This is turn" in convo("chat", "-t", "brief", "-m", "echo", "Hi").out
    one, two = (request.data for request in openai_server.requests)
    assert one["model"] == two["model"] == "small"
    assert (one["temperature"], one["top_p"], two["temperature"]) == (0, 0.5, 1)
    assert one["messages"][0]["content"] == "Be brief."
    assert two["messages"][0]["content"] == "Be long."


def test_a_schema_goes_with_it(convo: Program) -> None:
    (convo.home / "answer.json").write_text('{"type": "object", "properties": {"a": {}}}')
    for schema in ("name, age int", "answer.json"):
        args = ("template", "save", "form", "--schema", schema, "--force")
        assert convo(*args, cwd=convo.home).code == 0
        assert json.loads(convo("chat", "-t", "form", "Hi").out)
    rows = json.loads(convo("template", "list", "--json").out)
    assert rows[0]["schema"] == str(convo.home / "answer.json")
    assert convo("template", "save", "bad", "--schema", "1x").code == 2


def test_a_template_with_a_prompt_asks_at_once_on_a_terminal_too(convo: Program) -> None:
    assert convo("template", "save", "daily", "--prompt", "What is new?").code == 0
    child = convo.at_terminal("chat", "-t", "daily", "--raw")
    assert ended(child) == 0
    assert 'You said "What is new?"' in child.before


def test_instructions_in_a_file_stay_there(convo: Program) -> None:
    (convo.home / "how.md").write_text("Be $how.")
    assert convo("template", "save", "b", "-i", "@how.md", cwd=convo.home).code == 0
    (convo.home / "how.md").write_text("Be very $how.")
    assert "Be very kind." in convo("chat", "-t", "b", "-p", "how=kind", "Hi").out


def test_templates_are_listed_shown_edited_and_deleted(review: Program) -> None:
    config = config_of(review)
    config.write_text("# Mine.\n" + config.read_text())
    shown = review("template", "show", "review").out
    assert shown == (
        'instructions = """You review $language.\nIt costs $$5."""\nprompt = "Look at: $code"\n'
    )
    assert json.loads(review("template", "show", "review", "--json").out) == {
        "template": "review",
        "instructions": "You review $language.\nIt costs $$5.",
        "prompt": "Look at: $code",
        "model": None,
        "options": {},
        "agent": None,
        "mcp": None,
        "schema": None,
    }
    assert "review" in review("template", "list").out
    edited = review("template", "edit", "review", env={"EDITOR": "sed -i s/Look/Gaze/"})
    assert edited.err == "changed 'review'\n"
    assert 'prompt = "Gaze at: $code"' in config.read_text()
    assert config.read_text().startswith("# Mine.\n")
    wrong = review("template", "edit", "review", env={"EDITOR": "sed -i s/prompt/prumpt/"})
    assert wrong.error(2).startswith(
        "there is no key 'templates.review.prumpt' (did you mean 'templates.review.prompt'?); "
        "what you wrote is in "
    )
    Path(wrong.err.rstrip("\n").rpartition(" ")[2]).unlink()
    assert 'prompt = "Gaze' in config.read_text()
    assert review("template", "delete", "review").code == 0
    assert config.read_text() == "# Mine.\n"
    assert review("template", "show", "review").error(3).startswith("there is no template 'review'")


def test_a_template_is_replaced_only_by_force_and_has_to_say_something(review: Program) -> None:
    assert review("template", "save", "review", "-m", "echo").code == 4
    assert review("template", "save", "review", "-m", "echo", "--force").code == 0
    assert review("template", "save", "nothing").error(2).startswith("the template would say")
    assert review("template", "save", "a", "-o", "temprature=1").code == 2
    assert (
        review("template", "save", "a", "--mcp", "files")
        .error(2)
        .startswith("there is no MCP server 'files'")
    )
    assert review("template", "save", "a b", "-m", "echo").code == 2


def test_its_agent_answers_and_imports_nothing_from_the_current_folder(convo: Program) -> None:
    home, elsewhere = convo.home / "agents", convo.home / "elsewhere"
    home.mkdir(mode=0o700)
    elsewhere.mkdir(mode=0o700)
    (home / "agent.py").write_text(
        "from agents import Agent\n"
        "try:\n    import planted\nexcept ImportError:\n    planted = None\n"
        "agent = Agent(name='A', instructions=f'Planted: {planted}')\n"
    )
    (elsewhere / "planted.py").write_text("")
    saved = convo("template", "save", "mine", "-a", "agent.py", cwd=home)
    assert saved.code == 0, saved
    done = convo("chat", "-t", "mine", "Hi", cwd=elsewhere)
    assert "Planted: None" in done.out, done
    # The session goes on with it, as it does with one that was typed.
    assert "Planted: None" in convo("chat", "Again", cwd=elsewhere).out
    (home / "agent.py").unlink()
    assert (
        convo("chat", "-t", "mine", "Hi", cwd=elsewhere)
        .error(2)
        .startswith("the agent of the template 'mine' is gone: there is no file")
    )


def test_a_database_that_names_a_template_runs_no_agent_of_it(
    convo: Program, tmp_path: Path
) -> None:
    agent = marking_agent(tmp_path / "agents")
    assert convo("template", "save", "mine", "-a", str(agent), "-i", "Of the template.").code == 0
    assert convo("chat", "Hi").code == 0
    with closing(sqlite3.connect(convo.db)) as file, file:
        file.execute("UPDATE convo_sessions SET template = 'mine', template_values = '[1]'")
    done = convo("chat", "More")
    assert (done.code, agent.with_name("ran").exists()) == (0, False)
    assert "Of the template." in done.out


def test_a_hostile_template_column_is_no_trouble(convo: Program) -> None:
    assert convo("chat", "Hi").code == 0
    for value in (b"\xff", 3, "no\x1b[2Jname", "a" * 10_000):
        with closing(sqlite3.connect(convo.db)) as file, file:
            file.execute("UPDATE convo_sessions SET template = ?, template_values = 'x'", [value])
        done = convo("chat", "More")
        assert done.code == 0, done
        assert "\x1b" not in done.err
