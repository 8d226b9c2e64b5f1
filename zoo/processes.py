"""Worker processes that end when their work is not wanted any more.

pool = ProcessPoolExecutor(2, mp_context=get_context("spawn"), initializer=begin)
future = submit(pool, work, 1)
"""

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import parent_process
from types import FrameType
from typing import Any


def begin() -> None:
    """What a worker does first.

    A worker that is ended with SIGTERM tidies up before it goes. Where the process that
    started it is killed, it goes too, instead of waiting for work forever.
    """
    signal.signal(signal.SIGTERM, _stop)
    threading.Thread(target=_follow, daemon=True).start()


def submit(
    pool: ProcessPoolExecutor, work: Callable[..., Any], *arguments: Any
) -> Future:
    """Give a pool something to do.

    Ctrl-C reaches every process of a terminal. The workers, which may start here, are
    made deaf to it: the process that started them decides, and ends them.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        return pool.submit(_run, work, *arguments)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(_run, work, *arguments)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _run(work: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return work(*arguments)
    except KeyboardInterrupt:  # it has tidied up; the pool would go on with the next
        os._exit(128 + signal.SIGTERM)


def _stop(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _follow() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
