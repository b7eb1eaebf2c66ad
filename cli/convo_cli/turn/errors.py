"""Errors of a choice, and of the form of an answer."""

from collections.abc import Sequence

from convo.errors import ConvoError, ModelError


class ChoiceError(ConvoError):
    """An agent or a setting that was named cannot be used."""


class AnswerFormError(ModelError):
    """The answer is complete but does not fit its schema."""


class SeveralAgentsError(ChoiceError):
    """A file has several agents, and none was named; `names` are their names."""

    def __init__(self, message: str, names: Sequence[str], *, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.names = tuple(names)
