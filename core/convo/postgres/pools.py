"""The pools of this process, one for each database, role and size."""

import atexit
import threading

from convo.postgres.pool import Pool
from convo.postgres.url import ServerAddress
from convo.storage.forking import in_child

_Key = tuple[ServerAddress, str | None, int]

_pools: dict[_Key, Pool] = {}
_of_parents: list[Pool] = []
_guard = threading.Lock()


def pool_for(address: ServerAddress, size: int) -> Pool:
    """The pool of connections to a database, made if there is none."""
    with _guard:
        # A function that gives passwords may be another one for each session.
        password = None if callable(address.password) else address.password
        key = address.with_password(None), password, size
        pool = _pools.get(key)
        if pool is None:
            pool = _pools[key] = Pool(address, size)
        return pool


@atexit.register
def close_all() -> None:
    """Close the connections of all pools once their work is done."""
    with _guard:
        threads = [thread for pool in _pools.values() for thread in pool.shut()]
        _pools.clear()
    for thread in threads:
        thread.join(timeout=1.0)


def _start_over() -> None:
    """Forget the parent's connections, but keep them: closing one would end the parent's."""
    global _guard
    _guard = threading.Lock()
    _of_parents.extend(_pools.values())
    _pools.clear()


in_child(_start_over)
