"""Messages on a narrow terminal."""

from convo_cli.render.terminal.messages import in_words

SAID = "no branch 'main': try `convo branches --tree` or `convo help`"


def test_a_line_that_fits_stays_as_it_is() -> None:
    assert in_words("two  spaces", 11) == "two  spaces"


def test_lines_break_between_words_and_not_in_a_command() -> None:
    assert in_words(SAID, 30) == ("no branch 'main': try\n`convo branches --tree` or\n`convo help`")


def test_a_word_that_is_too_long_has_a_line_of_its_own() -> None:
    assert in_words(SAID, 10).splitlines()[2:] == [
        "try",
        "`convo branches --tree`",
        "or",
        "`convo help`",
    ]


def test_wide_characters_take_two_cells() -> None:
    assert in_words("会議 会議", 8) == "会議\n会議"


def test_a_single_backquote_is_a_character() -> None:
    assert in_words("a ` b and more", 5) == "a ` b\nand\nmore"
