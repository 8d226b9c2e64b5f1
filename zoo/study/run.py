"""Run the trials of a study in parallel; a run that was killed is resumed.

Every trial is a JSON file of its own, which appears only when it is complete and is
never computed again. All that decides its content is in `design.json`, with a digest
of the light curves and the version of the package; a folder with others is refused.
"""

import json
import os
import pickle
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from zoo.light_curves.ragged import LightCurves
from zoo.study import worker
from zoo.study.design import Design, trials
from zoo.study.files import base_folder, claim, trial_file
from zoo.study.protocols import OWN_BASE
from zoo.system.cores import cores
from zoo.system.workers import submit

# One thread per process: a second thread speeds up steps of this size by a third, a
# second process doubles the speed.
_ONE_THREAD = ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")


def run(
    design: Design,
    light_curves: LightCurves,
    out: Path,
    *,
    data: str,
    base_data: tuple[LightCurves, str] | None = None,
    workers: int | None = None,
    progress: Callable[[str, int, int], None] = lambda title, done, total: None,
) -> list[dict[str, Any]]:
    """Run the trials of a study that are missing in its folder.

    Args:
        design: of the study.
        light_curves: as `zoo.study.design.usable` returns them.
        out: folder of the study.
        data: name of the light curves.
        base_data: light curves to train the study's own base models on, and their
            name; None where the design has none.
        workers: processes; default: one for each core. A script that calls this must be
            guarded by `if __name__ == "__main__":`.
        progress: called with the title of each step that is done, the number of steps
            done and the number of all steps.

    Returns:
        The results of all trials, in the order of `trials`.

    Raises:
        ValueError: `out` holds another study, or something else.
    """
    claim(out, design, data, light_curves, *([base_data[0]] if base_data else []))
    own = any(method.base == OWN_BASE for method in design.methods)
    trained = {
        base_folder(out, number): (worker.base, number, f"base {number + 1}")
        for number in range(design.runs if own else 0)
    }
    computed = {
        trial_file(out, trial): (worker.trial, trial, trial.title)
        for trial in trials(design)
    }
    total, done = len(trained) + len(computed), 0
    payload = {
        "design": design,
        "light_curves": light_curves,
        "base_data": base_data,
        "out": out,
    }
    with _pool(payload, workers) as begin:
        # The bases first: the trials start from them.
        for stage in (trained, computed):
            waiting = {}
            for path, (task, item, title) in stage.items():
                if path.exists():
                    done += 1
                    progress(title, done, total)
                else:
                    waiting[begin(task, item, path)] = title
            while waiting:
                for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                    future.result()
                    done += 1
                    progress(waiting.pop(future), done, total)
    return [json.loads(path.read_text(encoding="utf-8")) for path in computed]


@contextmanager
def _pool(payload: dict[str, Any], workers: int | None) -> Iterator[Callable]:
    """Processes that hold the payload; an error cancels what they have not begun."""
    workers = workers or cores()  # of this process, before it is told to use one
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ |= dict.fromkeys(_ONE_THREAD, "1")
    pool = ProcessPoolExecutor(
        workers,
        mp_context=get_context("spawn"),
        initializer=worker.hold,
        initargs=(pickle.dumps(payload),),
    )
    try:
        yield partial(submit, pool)
    finally:
        pool.shutdown(cancel_futures=True)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
