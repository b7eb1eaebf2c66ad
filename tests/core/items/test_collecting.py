import gc
import os
from collections.abc import Iterator

import pytest

from convo.items.decoding import Stillness


@pytest.fixture
def stillness() -> Iterator[Stillness]:
    gc.enable()
    yield Stillness()
    gc.enable()


def test_the_collector_rests_until_the_last_is_out(stillness: Stillness) -> None:
    with stillness:
        with stillness:
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_an_error_lets_it_go_on(stillness: Stillness) -> None:
    with pytest.raises(ValueError, match="lost"), stillness:
        raise ValueError("lost")
    assert gc.isenabled()


def test_what_was_off_stays_off(stillness: Stillness) -> None:
    gc.disable()
    with stillness:
        pass
    assert not gc.isenabled()


def test_a_child_of_a_fork_collects(stillness: Stillness) -> None:
    with stillness:
        child = os.fork()
        if child == 0:
            stillness.renew()
            os._exit(0 if gc.isenabled() else 1)
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
