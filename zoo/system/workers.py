"""Worker processes that end when their work is no longer wanted.

A worker calls `begin` first, and gets its work by `submit`:

    pool = ProcessPoolExecutor(2, mp_context=get_context("spawn"), initializer=begin)
    future = submit(pool, work, 1)

The signal that ends a worker may come at any moment, and several moments are delicate;
the tests try many.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import _sendback_result
from contextlib import contextmanager
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
    """The state of this process, as a worker."""

    at_work = False  # on a task of the pool
    stopping = False


_state = _State()


def begin() -> None:
    """Prepare a worker; it is the initializer of the pool.

    A worker that receives SIGTERM tidies up before it ends. If the process that started
    it is killed, it ends too, instead of waiting for work forever.
    """
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if _HELD:  # a signal that came meanwhile ends the process here
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HELD - {signal.SIGINT})
    signal.signal(signal.SIGTERM, _stop)
    threading.Thread(target=_follow, daemon=True).start()


def submit(
    pool: ProcessPoolExecutor, work: Callable[..., Any], *arguments: Any
) -> Future:
    """Give a pool a task.

    Workers may start here. Signals wait until they have started: otherwise a worker
    would read half of its instructions and print a traceback. Workers ignore Ctrl-C,
    which reaches every process of a terminal: the process that started them ends them.
    """
    if not _HELD:
        return pool.submit(_run, work, *arguments)
    with _later():  # another thread may receive what this one has blocked
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD)
        try:
            return pool.submit(_run, work, *arguments)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _later() -> Iterator[None]:
    """Let signals that this process receives meanwhile act afterwards."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python handles signals in the main thread alone
        return
    received: list[int] = []
    handlers = {number: signal.getsignal(number) for number in _HELD}
    ours = [number for number in _HELD if callable(handlers[number])]
    for number in ours:
        signal.signal(number, lambda number, frame: received.append(number))
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, handlers[number])
        for late in received:
            signal.raise_signal(late)


def _run(work: Callable[..., Any], *arguments: Any) -> Any:
    if _state.stopping:
        _end()
    _state.at_work = True
    try:
        return work(*arguments)
    except KeyboardInterrupt:  # it has tidied up; the pool would start the next task
        _end()
    finally:
        _state.at_work = False


def _stop(number: int, frame: FrameType | None) -> None:
    """On SIGTERM: let the work tidy up, for a few seconds at most."""
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
    """Whether a result is being sent: a pool that got half of it would wait forever.

    The pool sends after our code has returned without telling when it is done, so only
    the stack shows it. Signals cannot be blocked meanwhile: an idle worker must hear
    them. Should Python rename the function, the import above fails, and a test with it.
    """
    while frame is not None:
        if frame.f_code is _sendback_result.__code__:
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
