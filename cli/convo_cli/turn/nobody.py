"""Callbacks of a turn for when there is no user."""

from collections.abc import Sequence

from convo.pending.pending import Progress
from convo_cli.turn.choice import Approval, ApprovalRequest

NOTHING = Progress()


async def refuse(_: ApprovalRequest) -> Approval:
    """Approve nothing."""
    return "no"


async def keep_nothing(_: Progress) -> None:
    """Discard the progress of the turn."""


async def choose_none(place: str, names: Sequence[str]) -> str | None:
    """Choose no agent."""
    return None
