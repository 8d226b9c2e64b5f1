"""Threads: as many as cores, however many tasks an engine runs in one process."""

import os
import subprocess
import sys

import pytest

from zoo.system.cores import cores

pytestmark = pytest.mark.skipif(
    not os.path.isdir("/proc/self/task"), reason="no /proc to count threads in"
)

COUNTED = """
import os, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
import onnxruntime, pandas  # each has a thread of its own, whatever the cores

def count():
    return len(os.listdir("/proc/self/task"))

def lasting():  # the system ends a thread a little later than Python
    return min(count() for _ in range(100) if not time.sleep(0.01))

imported = lasting()
import zoo
from zoo.inference import session
from zoo.inference.runtime import Runtime

session.CHUNK, session.MOST_STEPS = 4, 0  # many chunks, as of very many objects
tasks = int(sys.argv[1])
runtime = Runtime.load("ztfsims-gru")
data = runtime.reference()
expected = zoo.classify(runtime, data)

most, done, before = 0, threading.Event(), lasting()
def watch():
    global most
    while not done.wait(0.001):
        most = max(most, count())
watcher = threading.Thread(target=watch)
watcher.start()
with ThreadPoolExecutor(tasks) as pool:
    tables = list(pool.map(lambda _: zoo.classify(runtime, data), range(2 * tasks)))
done.set()
watcher.join()
assert all(table.equals(expected) for table in tables)
further = most - before - 1 - tasks  # without the watcher and the tasks
print(before - imported, further, lasting() - before)
"""


def counts(tasks, **environment):
    """Threads that loading a model leaves, that tasks use at most, and leave."""
    own = {k: v for k, v in os.environ.items() if not k.endswith("_NUM_THREADS")}
    done = subprocess.run(
        [sys.executable, "-c", COUNTED, str(tasks)],
        env=own | environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return [int(number) for number in done.stdout.split()]


@pytest.mark.parametrize("tasks", [1, 8])
def test_one_thread_is_one_thread(tasks):
    # What Dask, Ray and Spark set for each of their workers.
    loaded, further, left = counts(tasks, OMP_NUM_THREADS="1")
    assert (loaded, left) == (0, 0)
    assert further <= 0


@pytest.mark.parametrize("tasks", [1, 8])
def test_tasks_in_one_process_share_the_cores(tasks):
    loaded, further, left = counts(tasks)
    assert (loaded, left) == (0, 0)
    # Threads of one call may end while those of the next begin.
    assert further <= 2 * cores() < 8 * cores()


FORKED = """
import os
from zoo.system.cores import threads

with threads() as pool:
    assert list(pool.map(abs, [-1, -2])) == [1, 2]
    child = os.fork()  # while they are in use
    if not child:
        with threads() as own:
            os._exit(list(own.map(abs, [-3, -4])) != [3, 4])
print(os.waitpid(child, 0)[1])
"""


def test_a_forked_process_has_threads_of_its_own():
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORKED],  # 3.12 warns of such forks
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "0"), done.stderr
