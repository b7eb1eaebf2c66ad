"""`convo help`, `-h`, and the names that users of other programs know."""

from __future__ import annotations

from tests.program import Program, ended


def test_help_is_the_help_of_the_command(convo: Program) -> None:
    assert convo("help").out == convo("-h").out == convo("--help").out == convo().out
    assert convo("help", "branch").out == convo("branch", "-h").out
    assert convo("help", "session", "use").out == convo("session", "use", "-h").out


def test_help_of_what_is_not_there(convo: Program) -> None:
    assert convo("help", "brnch").error(2) == (
        "no such command 'brnch' (did you mean 'branch'?); `convo --help` lists them"
    )
    assert convo("help", "session", "uses").error(2) == (
        "no such command 'uses' (did you mean 'use'?); `convo session --help` lists them"
    )
    assert convo("help", "turns", "x").error(2) == (
        "`convo turns` has no subcommands; see `convo turns --help`"
    )


def test_the_help_ends_with_the_exit_codes(convo: Program) -> None:
    assert convo("--help").out.rpartition("Exit codes:")[2].split()[:2] == ["0", "Done."]


def test_a_terminal_gets_panels_and_a_dumb_one_text(convo: Program) -> None:
    child = convo.at_terminal("help", "undo", env={"TERM": "xterm", "NO_COLOR": "1"})
    ended(child)
    assert "╭─ Examples ─" in child.before
    child = convo.at_terminal("help", "undo", env={"TERM": "dumb"})
    ended(child)
    assert child.before.replace("\r", "") == convo("help", "undo").out


def test_log_is_turns_and_rm_is_delete(paris: Program) -> None:
    assert paris("log").out == paris("turns").out
    assert paris("switch", "main").code == 0
    assert paris("rm", "tourism").err == "deleted branch 'tourism'; `convo restore` undoes it\n"


def test_going_on_is_the_rule(paris: Program) -> None:
    answer = paris("chat", "-c", "Hello").out
    assert answer.startswith("This is turn 3.")
    assert paris("chat", "Hello").out.startswith("This is turn 4.")
    assert paris("chat", "-c", "--new", "Hello").error(2) == (
        "--continue and --new contradict each other; give one of them"
    )


def test_options_of_other_programs_are_named(convo: Program) -> None:
    assert convo("chat", "--system", "Be brief.", "Why?").error(2) == (
        "no such option --system; it is called -i here"
    )
    assert convo("turns", "--system", "x").error(2) == (
        "no such option --system; see `convo turns --help`"
    )
