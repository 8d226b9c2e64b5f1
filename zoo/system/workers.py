"""Worker processes that end when their work is not wanted any more.

A worker calls `begin` first, and is given its work by `submit`:

    pool = ProcessPoolExecutor(2, mp_context=get_context("spawn"), initializer=begin)
    future = submit(pool, work, 1)

What ends them may come at any moment, of which several are delicate; the tests try
many.
"""

import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import parent_process
from types import FrameType
from typing import Any

_HELD = (
    {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    if hasattr(signal, "pthread_sigmask")
    else set()  # Windows
)
_SECONDS = 5.0  # to tidy up


class _State:
    """Of this process, as a worker."""

    at_work = False  # on what a pool was given
    stopping = False


_state = _State()


def begin() -> None:
    """What a worker does first.

    A worker that is ended with SIGTERM tidies up before it goes. Where the process that
    started it is killed, it goes too, instead of waiting for work forever.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if _HELD:  # one that came meanwhile ends the process here
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HELD - {signal.SIGINT})
    signal.signal(signal.SIGTERM, _stop)
    threading.Thread(target=_follow, daemon=True).start()


def submit(
    pool: ProcessPoolExecutor, work: Callable[..., Any], *arguments: Any
) -> Future:
    """Give a pool something to do.

    Workers may start here. A signal waits until they have: else one would find half of
    what it is told, and say so at length. They stay deaf to Ctrl-C, which reaches every
    process of a terminal: the one that started them decides, and ends them.
    """
    if not _HELD:
        return pool.submit(_run, work, *arguments)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD)
    try:
        return pool.submit(_run, work, *arguments)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _run(work: Callable[..., Any], *arguments: Any) -> Any:
    if _state.stopping:
        _end()
    _state.at_work = True
    try:
        return work(*arguments)
    except KeyboardInterrupt:  # it has tidied up; the pool would go on with the next
        _end()
    finally:
        _state.at_work = False


def _stop(number: int, frame: FrameType | None) -> None:
    """Upon SIGTERM: let the work tidy up, but not for long."""
    if not _state.stopping:
        _state.stopping = True
        limit = threading.Timer(_SECONDS, _end)
        limit.daemon = True
        limit.start()
    if _state.at_work:
        raise KeyboardInterrupt
    if not _is_sending(frame):
        _end()


def _is_sending(frame: FrameType | None) -> bool:
    """Whether a result is on its way: the pool would wait for the rest of it."""
    while frame is not None:
        if frame.f_code.co_name == "_sendback_result":
            return True
        frame = frame.f_back
    return False


def _end() -> None:
    os._exit(128 + signal.SIGTERM)


def _follow() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
