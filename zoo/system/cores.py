"""How many cores this process may use, and the threads that use them."""

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock


def cores() -> int:
    """Cores that this process may use; `OMP_NUM_THREADS`, where set, is the limit."""
    if hasattr(os, "sched_getaffinity"):  # not on every system
        allowed = len(os.sched_getaffinity(0))
    else:
        allowed = os.cpu_count() or 1
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return min(allowed, int(limit)) if limit.isdigit() and int(limit) else allowed


@contextmanager
def threads() -> Iterator[Executor]:
    """As many threads as `cores`, shared by all who ask while they are in use.

    So the tasks that an engine such as Dask runs side by side in one process use every
    core once, and not once for each task. The last to leave ends the threads: a process
    that forks afterwards has none.

    Example:
        >>> with threads() as pool:
        ...     list(pool.map(abs, [-1, -2]))
        [1, 2]
    """
    shared = _shared
    with shared.lock:
        if not shared.users:
            shared.pool = ThreadPoolExecutor(cores())
        shared.users += 1
        pool = shared.pool
    try:
        yield pool
    finally:
        with shared.lock:
            shared.users -= 1
            last = not shared.users
        if last:
            pool.shutdown()


class _Shared:
    """The threads in use.

    Attributes:
        users: number of those who use them; 0: there are none.
        pool: the threads of the present users.
    """

    pool: Executor

    def __init__(self):
        self.lock, self.users = Lock(), 0


_shared = _Shared()


def _forget() -> None:
    """Begin anew in a forked child: it has neither the threads nor their users."""
    global _shared
    _shared = _Shared()


if hasattr(os, "register_at_fork"):  # not on every system
    os.register_at_fork(after_in_child=_forget)
