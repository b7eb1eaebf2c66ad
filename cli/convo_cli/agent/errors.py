"""What can be wrong with what was chosen to be run."""

from convo.errors import ConvoError


class ChoiceError(ConvoError):
    """An agent or a setting that was named cannot be used."""
