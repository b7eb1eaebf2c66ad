"""A case is added to a set of cases, and everything else in the file stays."""

import tomllib

import pytest

from convo_cli.config.writing import with_case

CASE = {"name": "two", "prompt": "Say\nit", "contains": ["a", "b"]}
WRITTEN = '[[cases]]\nname = "two"\nprompt = """Say\nit"""\ncontains = ["a", "b"]\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", WRITTEN),
        (
            '# mine\nname = "x" # its name\n\n[[cases]] # the first\nname = "one"\n\n# the end\n',
            '# mine\nname = "x" # its name\n\n[[cases]] # the first\nname = "one"\n\n# the end\n\n'
            + WRITTEN,
        ),
    ],
)
def test_comments_stay(before: str, after: str) -> None:
    assert with_case(before, CASE) == after


def test_a_list_in_one_line_gets_longer() -> None:
    after = with_case('cases = [{ name = "one", prompt = "x" }] # all\n', CASE)
    assert after.endswith("# all\n")
    assert [one["name"] for one in tomllib.loads(after)["cases"]] == ["one", "two"]


def test_messages_are_written_as_tables() -> None:
    case = {"name": "m", "messages": [{"role": "user", "content": 'a "b"'}], "equals": "c\\d"}
    assert tomllib.loads(with_case("", case))["cases"] == [case]
