"""`convo chat` with a prompt: one turn, and out."""

from __future__ import annotations

import io
import json
import select
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pexpect
import pytest

from convo_cli.actions.chat import whole_prompt
from convo_cli.terminal import Terminal
from tests.program import EXECUTABLE, PATIENCE, Program, ended
from tests.server import Answer, Fault, OpenAIServer


def questions(convo: Program, *args: str) -> list[str]:
    return [row["text"] for row in json.loads(convo("turns", "--json", *args).out)]


@contextmanager
def killed_at_the_end(
    convo: Program, *args: str, env: Mapping[str, str | None]
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [EXECUTABLE, *args],
        env=convo.environ(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def test_the_first_chat_starts_a_session_named_after_its_prompt(convo: Program) -> None:
    result = convo("chat", "What's the capital", "of France?")
    assert result.code == 0
    assert result.out.startswith('This is turn 1. You said "What\'s the capital of France?"')
    assert result.out.endswith(".\n")
    assert result.out.count("\n") == 1
    assert result.err == "started session 'whats-the-capital-of-france'\n"
    again = convo("chat", "And of Spain?")
    assert again.out.startswith("This is turn 2.")
    assert again.err == ""
    assert questions(convo) == ["What's the capital of France?", "And of Spain?"]
    usage = json.loads(convo("usage", "--json").out)["total"]
    assert (usage["turns"], usage["model"], usage["estimated"]) == (2, "echo", True)
    assert usage["total_tokens"] > 0


def test_a_new_session_and_one_that_is_named(paris: Program) -> None:
    assert paris("chat", "--new", "Bread?").err == "started session 'bread'\n"
    assert paris("chat", "-s", "soup", "--quiet", "Soup?").err == ""
    assert paris("chat", "-s", "paris", "Museums?").err == ""
    assert questions(paris) == ["Soup?"]
    assert questions(paris, "-s", "paris")[-1] == "Museums?"


def test_another_branch_is_added_to_without_going_there(paris: Program) -> None:
    assert paris("chat", "-b", "main", "And on Tuesday?").out.startswith("This is turn 4.")
    assert questions(paris)[-1] == "Any sights?"
    assert questions(paris, "-b", "main")[-1] == "And on Tuesday?"


def test_what_is_piped_in_goes_below_the_prompt(convo: Program) -> None:
    assert convo("chat", "Grüße", "--", "--json", stdin="\ufeffa\n b\n").code == 0
    assert questions(convo) == ["Grüße --json\n\na\n b"]


@pytest.mark.parametrize(
    ("words", "stdin", "prompt"),
    [
        (["Review", "this:"], "a\n b\n", "Review this:\n\na\n b"),
        ([], "  Indented?\n", "  Indented?"),
        ([""], "From stdin", "From stdin"),
        (["Only", "words"], "", "Only words"),
        (["Only words"], "\n", "Only words"),
    ],
)
def test_the_whole_prompt(words: list[str], stdin: str, prompt: str) -> None:
    piped = io.TextIOWrapper(io.BytesIO(stdin.encode()))
    assert whole_prompt(words, Terminal(piped, None, None, {})) == prompt


@pytest.mark.parametrize(
    ("words", "stdin", "message"),
    [
        ([], b"", 'the prompt is empty; ask something, as in `convo chat "Why?"`'),
        (["", " "], b"\n \t\n", 'the prompt is empty; ask something, as in `convo chat "Why?"`'),
        (["Review:"], b"caf\xe9", "the text on stdin is not UTF-8 (byte 0xe9 at offset 3); conver"),
    ],
)
def test_prompts_that_cannot_be_asked(
    convo: Program, words: list[str], stdin: bytes, message: str
) -> None:
    assert convo("chat", *words, stdin=stdin).error(2).startswith(message)
    assert not convo.db.exists()


def test_without_a_model_to_ask(convo: Program) -> None:
    nobody = {"CONVO_MODEL": None}
    error = convo("chat", "Hello", env=nobody).error(5)
    assert all(way in error for way in ("OPENAI_API_KEY", "--base-url", "--model echo"))
    assert not convo.db.exists()


def test_a_session_goes_on_with_the_model_it_was_run_with(convo: Program) -> None:
    assert convo("chat", "-m", "echo", "Hello", env={"CONVO_MODEL": None}).code == 0
    assert convo("chat", "Again", env={"CONVO_MODEL": None}).out.startswith("This is turn 2.")


def test_an_answer_in_json(convo: Program) -> None:
    row = json.loads(convo("chat", "--json", "Hello").out)
    (turn,) = json.loads(convo("turns", "--json").out)
    answer = convo("chat", "-s", "other", "Hello").out.rstrip("\n")
    assert row == {"session": "hello", "branch": "main", **turn, "answer": answer}


def test_instructions_from_the_command_line_and_from_a_file(convo: Program) -> None:
    path = convo.home / "be.txt"
    path.write_text("Be brief.")
    plain = convo("chat", "-s", "a", "Hello").out
    given = convo("chat", "-s", "b", "-i", "Be brief.", "Hello").out
    assert given != plain
    assert convo("chat", "-s", "c", "-i", f"@{path}", "Hello").out == given


def test_a_reader_that_goes_away_loses_no_turn(convo: Program) -> None:
    result = convo.shell("convo chat Hello | true")
    assert (result.code, result.err) == (0, "started session 'hello'\n")
    assert questions(convo) == ["Hello"]
    assert convo.shell("convo chat Again >/dev/full").error(1) == (
        "cannot write to standard output: No space left on device; the answer is stored as turn 2"
        " of 'main' in session 'hello': `convo show` shows it"
    )
    assert questions(convo) == ["Hello", "Again"]


def test_an_answer_passes_byte_for_byte_and_is_made_safe_for_a_terminal_alone(
    convo: Program, openai_server: OpenAIServer
) -> None:
    colours = "\x1b[31mred\x1b[0m"
    odd = f"# {colours}\r\n\x00\x9b\u202e **日本**\t\r\n"
    openai_server.script(Answer(odd, size=1), Answer(odd), Answer(colours))
    env = {**openai_server.environ, "CONVO_MODEL": "test-model"}
    assert convo("chat", "Hi", env=env).out == odd
    assert convo("chat", "Hi", "--raw", env={**env, "PYTHONIOENCODING": "ascii"}).out == odd
    child = convo.at_terminal("chat", "--raw", "Hi", env=env)
    ended(child)
    assert "\\x1b[31mred\\x1b[0m" in child.before


def test_an_answer_is_written_as_it_arrives_and_ends_in_one_newline(
    convo: Program, openai_server: OpenAIServer
) -> None:
    openai_server.script(Fault.stall("The beginning "), Answer("All.\n"))
    env = {**openai_server.environ, "CONVO_MODEL": "test-model"}
    with killed_at_the_end(convo, "chat", "Hi", env=env) as process:
        assert process.stdout is not None
        assert select.select([process.stdout], [], [], PATIENCE)[0], "nothing arrives"
        assert process.stdout.read(13) == b"The beginning"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (
        130,
        b"\n",
        b"convo: interrupted; kept for `convo retry`\n",
    )
    assert convo("sessions", "--json").out == "[]\n"
    assert convo("chat", "--no-stream", "Hi", env=env).out == "All.\n"


def test_a_fault_leaves_the_history_as_it_was(convo: Program, openai_server: OpenAIServer) -> None:
    env = {**openai_server.environ, "CONVO_MODEL": "test-model"}
    assert convo("chat", "Hello", env=env).code == 0
    before = convo("turns", "--json").out
    openai_server.script(Fault.cut_after("Half of an"))
    result = convo("chat", "Again", env=env)
    assert (result.code, result.out) == (5, "Half of an\n")
    assert result.err.startswith("convo: ")
    assert convo("turns", "--json").out == before


def test_the_model_and_the_server_are_remembered_together(
    convo: Program, openai_server: OpenAIServer
) -> None:
    no_model = {"CONVO_MODEL": None, "NO_PROXY": "127.0.0.1"}
    args = ["chat", "-m", "test-model", "--base-url", openai_server.base_url, "Hello"]
    assert convo(*args, env=no_model).code == 0
    assert convo("chat", "Again", env=no_model).out == "Answer 2 to: Again\n"
    assert [request.body["model"] for request in openai_server.requests] == ["test-model"] * 2


def test_without_a_prompt_the_chat_needs_a_terminal_on_both_sides(convo: Program) -> None:
    path = convo.home / "out"
    child = pexpect.spawn(
        "bash",
        ["-c", f'"{EXECUTABLE}" chat > "{path}"'],
        env=convo.environ({}),
        encoding="utf-8",
        timeout=PATIENCE,
    )
    child.expect_exact("convo: the interactive chat needs a terminal, and stdout is none; for one")
    assert ended(child) == 2


def test_a_pipe_that_is_not_closed_is_said_to_be_waited_for(convo: Program) -> None:
    with subprocess.Popen(
        [EXECUTABLE, "chat", "hello"],
        env=convo.environ({}),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        assert process.stderr.readline().startswith(
            "waiting for stdin to end: it is not a terminal"
        )
        process.stdin.close()
        assert process.stdout is not None
        assert 'You said "hello"' in process.stdout.read()
