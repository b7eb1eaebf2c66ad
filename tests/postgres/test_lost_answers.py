"""The answer to a COMMIT is lost, or the COMMIT: what was to be written is there once."""

from contextlib import suppress

import pytest

from tests.integration.victims import begin, check
from tests.postgres.proxy import Loss, Proxy
from tests.postgres.victims import ALL, look, write

LOSSES = 4


class _Enough(Exception):
    """So many were lost as were to be."""


@pytest.mark.parametrize("is_stored", [True, False], ids=["the answer", "the commit"])
@pytest.mark.parametrize("kind", ALL)
async def test_what_got_no_answer_is_stored_once(
    postgres_url: str, proxied: tuple[Proxy, str], kind: str, is_stored: bool
) -> None:
    proxy, through = proxied
    await begin(postgres_url)
    acknowledged: list[str] = []
    losses: list[Loss] = []

    def ack(what: str) -> None:
        acknowledged.append(what)
        if losses and not losses[-1].has_happened.is_set():
            return
        if len(losses) == LOSSES:
            raise _Enough
        losses.append(Loss(is_stored=is_stored))
        proxy.loss = losses[-1]

    with suppress(_Enough):
        await write(kind, postgres_url, through, kind, ack)
    look(postgres_url, kind, acknowledged)
    await check(postgres_url)
    assert [loss.has_happened.is_set() for loss in losses] == [True] * LOSSES
