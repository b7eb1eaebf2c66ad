"""Both classes on one file: the SDK's in a process of its own, ours in this one."""

from collections.abc import Iterator
from typing import ClassVar

import pytest

from tests.core.differential.alternation import Alternation
from tests.core.differential.machinery import settings_for
from tests.core.differential.remote import Worker
from tests.core.differential.seats import Instance


class AcrossProcesses(Alternation):
    """The same steps, and the same expectations."""

    worker: ClassVar[Worker]

    def open_theirs(self, session_id: str) -> Instance:
        return self.worker.open(session_id, self.path)


@pytest.fixture(autouse=True, scope="module")
def worker() -> Iterator[None]:
    """One process for all examples: it takes seconds to start."""
    with Worker() as process:
        AcrossProcesses.worker = process
        yield


TestTwoProcesses = AcrossProcesses.TestCase
TestTwoProcesses.settings = settings_for(examples=25, steps=30)
