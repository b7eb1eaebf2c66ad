"""The code blocks of an answer."""

from typing import Literal

from convo.errors import NotFoundError

Which = Literal["first", "last"]


class NoCodeError(NotFoundError):
    """The answer has no code block."""


def code_of(answer: str, which: Which) -> str:
    """The first or last fenced code block of an answer, including blocks in lists and quotations.

    An unclosed block extends to the end of the answer. Raises `NoCodeError` if there is no block.
    """
    # Imported here because only --code parses an answer.
    from markdown_it import MarkdownIt

    tokens = MarkdownIt("commonmark").parse(answer)
    blocks = [token.content for token in tokens if token.type == "fence"]
    if not blocks:
        raise NoCodeError(
            "the answer has no code block; the turn is stored", hint="`convo show` shows it"
        )
    return blocks[0 if which == "first" else -1]
