"""From an error to an exit code."""

from __future__ import annotations

import pytest
import typer

from convo import errors
from convo_cli.exits import ExitCode, NeedsForceError, UsageError, exit_code_for
from convo_cli.terminal import OutputError
from convo_cli.turn.errors import ChoiceError

CODES = {
    UsageError: 2,
    ChoiceError: 2,
    typer.BadParameter: 2,
    errors.InvalidNameError: 2,
    errors.InvalidAddressError: 2,
    errors.InvalidItemError: 2,
    errors.NotFoundError: 3,
    errors.SessionNotFoundError: 3,
    errors.BranchNotFoundError: 3,
    errors.TurnNotFoundError: 3,
    errors.NoMatchError: 3,
    errors.NothingToRestoreError: 3,
    errors.NotWaitingError: 3,
    errors.ConflictError: 4,
    errors.NameTakenError: 4,
    errors.CurrentBranchError: 4,
    errors.ProtectedBranchError: 4,
    errors.HeadMovedError: 4,
    errors.BranchDeletedError: 4,
    NeedsForceError: 4,
    errors.CheckError: 2,
    errors.SetError: 2,
    errors.EvalNotFoundError: 3,
    errors.TagNotFoundError: 3,
    errors.ModelError: 5,
    errors.DatabaseError: 6,
    errors.DatabaseLockedError: 6,
    errors.ReadOnlyDatabaseError: 6,
    errors.DatabaseFullError: 6,
    errors.DamagedDatabaseError: 6,
    errors.DatabaseUnavailableError: 6,
    errors.NewerDatabaseError: 6,
    errors.NotAConversationDatabaseError: 6,
    errors.ConvoError: 1,
    errors.SessionClosedError: 1,
    OutputError: 1,
    RuntimeError: 1,
    ValueError: 1,
    MemoryError: 6,
    RecursionError: 6,
    KeyboardInterrupt: 130,
    typer.Abort: 130,
    BrokenPipeError: 141,
}


@pytest.mark.parametrize("kind", CODES, ids=lambda kind: kind.__name__)
def test_exit_code(kind: type[BaseException]) -> None:
    assert exit_code_for(kind("what went wrong")) == CODES[kind]


def test_every_error_of_convo_has_a_case() -> None:
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type)}
    assert kinds <= set(CODES)


def test_done_is_zero() -> None:
    assert ExitCode.DONE == 0
