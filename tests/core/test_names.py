import pytest

from convo import check_name
from convo.errors import InvalidNameError


@pytest.mark.parametrize("name", ["a", "two words", "Ünïcode", "日本", "x" * 200, "a.b_c-d"])
def test_good_names(name: str) -> None:
    check_name("branch", name)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "cannot be empty"),
        (" \t", "cannot be empty"),
        ("x" * 201, "has 201 characters: a name has at most 200"),
        (" a", "begins or ends with white space"),
        ("a\nb", r"'a\\nb' has control characters"),
        ("\x1b[31mred", r"has control characters"),
        ("a\u202eb", r"'a\\u202eb' has control characters"),
        ("a/b", "has a slash"),
        ("a\\b", "has a slash"),
        ("-b", "like an option"),
    ],
)
def test_bad_names(name: str, says: str) -> None:
    with pytest.raises(InvalidNameError, match=says):
        check_name("branch", name)
