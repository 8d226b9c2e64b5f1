"""The peers' process: SuperNNova and torch in a virtual environment of their own."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

WORKER = Path(__file__).parent.parent / "peers.py"


class Peer:
    """A worker that answers commands; see `benchmarks/peers.py`.

    Args:
        python: the interpreter of the peers' environment.
        cores: cores that it is pinned to, with one thread each.
    """

    def __init__(self, python: Path, cores: list[int]):
        self.process = subprocess.Popen(
            [str(python), str(WORKER), "--threads", str(len(cores))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
        )
        self.commands, self.answers = self.process.stdin, self.process.stdout
        os.sched_setaffinity(self.process.pid, cores)

    def ask(self, what: str, **options: Any) -> dict[str, Any]:
        """Send a command and wait for its answer."""
        self.commands.write(json.dumps({"do": what, **options}) + "\n")
        self.commands.flush()
        answer = json.loads(self.answers.readline())
        if "error" in answer:
            raise RuntimeError(f"{what}: {answer['error']}")
        return answer

    def close(self) -> None:
        """Stop the worker."""
        self.commands.close()
        self.process.wait()
