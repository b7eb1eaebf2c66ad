"""What can be wrong with what was chosen to be run."""

from collections.abc import Sequence

from convo.errors import ConvoError, ModelError


class ChoiceError(ConvoError):
    """An agent or a setting that was named cannot be used."""


class AnswerFormError(ModelError):
    """The answer came to its end, and has not the form that was asked for."""


class SeveralAgentsError(ChoiceError):
    """A file has several agents, and which one is meant was not said; `names` are theirs."""

    def __init__(self, message: str, names: Sequence[str], *, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.names = tuple(names)
