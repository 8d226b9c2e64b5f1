"""The peers of the speed benchmark, in a process and virtual environment of their own.

    python3.11 -m venv peers && peers/bin/pip install torch==2.13.0
    peers/bin/pip install torch==2.13.0 supernnova==3.0.51 pyarrow
    peers/bin/python benchmarks/peers.py [--threads N]

torch is installed first and named again so that pip keeps a CPU build. SuperNNova needs
Python 3.11 or 3.12. This script imports nothing from zoo.

The worker reads commands from standard input and writes answers to standard output,
each one line of JSON, so that zoo and the peer can alternate within a minute. Output of
the libraries goes to standard error.

    {"do": "versions"}
    {"do": "load", "table": PATH}
    {"do": "supernnova_batch", "objects": N, "batch": 1024}
    {"do": "supernnova_one", "objects": N}
    {"do": "gru_train", "lengths": [...], "steps": N, "batch": 512, "padded": false,
     "layers": 2, "units": 100, "features": 5, "classes": 12}
    {"do": "gru_forward", "lengths": [...], "batch": 512, ...}

The values of `batch` and of the options after it are the defaults. The answer of a
measurement has `seconds` (wall time), `cpu_seconds` (of this process, all threads) and
`objects`; for the torch networks also `points` and `parameters`. The answer of a failed
command is `{"error": TEXT}`.

SuperNNova is used as published: its default model (two bidirectional LSTMs of 32),
trained for one epoch by its own code on light curves of the first table, and its public
function `classify_lcs` from a table to probabilities. We call it without gradients,
which it does not disable itself (10 to 17 % faster), and with `batch` objects at a
time, since it puts all objects of a call in one batch; between 128 and 8,192, 1,024 is
the fastest.

torch's packed GRU is slow to train, because the gradient of each time step's slice is
as large as the whole batch. Padded batches of light curves sorted by length avoid this;
`padded` with sorted `lengths` measures it. Making the batches is not timed.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, partial
from importlib import metadata
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from unittest import mock

COLUMNS = {
    "object_id": "SNID",
    "mjd": "MJD",
    "band": "FLT",
    "flux": "FLUXCAL",
    "flux_err": "FLUXCALERR",
}
"""Our columns and SuperNNova's; its zero point is ours, 27.5."""
TRAINING_OBJECTS, WARM_UP_OBJECTS = 500, 64
PACKAGES = ("torch", "supernnova", "numpy", "pandas")


@contextmanager
def timed(answer: dict[str, Any]) -> Iterator[None]:
    """Add the duration of the block to the answer."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    answer["seconds"] = time.perf_counter() - wall
    answer["cpu_seconds"] = time.process_time() - cpu


def train_supernnova(photometry: Any, folder: Path) -> str:
    """Train SuperNNova's default model with its own commands; return its weights file.

    One epoch on a few light curves with alternating types: its predictions are useless,
    but it is as fast as a well-trained model.
    """
    from supernnova import conf
    from supernnova.data.make_dataset import make_dataset
    from supernnova.training.train_rnn import train

    raw = folder / "raw"
    raw.mkdir()
    photometry.to_csv(raw / "peer_PHOT.csv", index=False)
    head = photometry[["SNID"]].drop_duplicates()
    head["SNTYPE"] = [(101, 120)[i % 2] for i in range(len(head))]
    head["PEAKMJD"] = photometry["MJD"].min()
    head.to_csv(raw / "peer_HEAD.csv", index=False)
    options = ["snn", "--raw_dir", str(raw), "--dump_dir", str(folder / "dump")]
    options += ["--list_filters", *sorted(photometry["FLT"].unique())]
    # Its default, None, breaks classify_lcs, which reads the types.
    options += ["--sntypes", json.dumps({"101": "Ia", "120": "IIP"})]
    # --debug: in this process. Its pool has `cpu_count() - 2` workers: none on 2 cores.
    options += ["--nb_epoch", "1", "--debug"]
    with mock.patch.object(sys, "argv", options):
        make_dataset(conf.get_settings("make_data"))
        settings = conf.get_settings("train_rnn")
    train(settings)
    return f"{settings.rnn_dir}/{settings.pytorch_model_name}.pt"


class SuperNNova:
    """SuperNNova on the photometry of a table.

    Args:
        folder: where it keeps its model.
    """

    def __init__(self, folder: Path):
        self.folder = folder

    def load(self, table: str) -> dict[str, Any]:
        """Read a table and rename its columns to those of SuperNNova."""
        import pandas as pd

        photometry = pd.read_parquet(table)[list(COLUMNS)].rename(columns=COLUMNS)
        photometry["FLT"] = photometry["FLT"].astype(str).str.removeprefix("ztf")
        self.photometry = photometry
        self.order = pd.factorize(photometry["SNID"])[0]
        return {"objects": int(self.order.max()) + 1, "rows": len(photometry)}

    @cached_property
    def model_file(self) -> str:
        """Weights of a model, trained on first use."""
        few = self.photometry[self.order < TRAINING_OBJECTS]
        return train_supernnova(few, self.folder)

    def classify(self, objects: int, batch: int = 1024) -> dict[str, Any]:
        """From a table to probabilities, `batch` objects per call."""
        import numpy as np
        import torch
        from supernnova.validation.validate_onthefly import classify_lcs

        rows = self.order < objects
        batches = self.photometry[rows].groupby(self.order[rows] // batch)
        frames = [frame.copy() for _, frame in batches]  # it writes into its argument
        few = self.photometry[self.order < min(batch, WARM_UP_OBJECTS)].copy()
        model_file = self.model_file  # trained here, if it is not yet
        answer: dict[str, Any] = {}
        with torch.no_grad():
            classify_lcs(few, model_file, "cpu")
            with timed(answer):
                parts = [classify_lcs(frame, model_file, "cpu")[1] for frame in frames]
        probabilities = np.concatenate(parts)
        if not np.allclose(probabilities.sum(axis=-1), 1, atol=1e-5):
            raise ValueError("SuperNNova's probabilities do not sum to 1")
        return answer | {"objects": len(probabilities), "batch": batch}


class Gru:
    """The network of the zoo in torch, without metadata, on random light curves.

    Args:
        lengths: points of each light curve, in the order in which they are batched;
            sorted by length they give batches of equal length.
        batch: light curves in a batch.
        padded: to the longest of the batch, instead of packed.
        layers, units, features, classes: of the network.
    """

    def __init__(
        self,
        lengths: list[int],
        batch: int = 512,
        padded: bool = False,
        layers: int = 2,
        units: int = 100,
        features: int = 5,
        classes: int = 12,
    ):
        import torch
        from torch import nn

        torch.manual_seed(0)
        self.gru = nn.GRU(features, units, layers)
        self.dense = nn.Sequential(
            *(nn.Linear(units, units), nn.Tanh()),  # light_curve_dense
            *(nn.Linear(units, units), nn.ReLU()),  # merge_dense
            *(nn.Linear(units, units), nn.ReLU()),  # latent
            nn.Linear(units, classes),  # head
        )
        self.parameters = [*self.gru.parameters(), *self.dense.parameters()]
        self.padded = padded
        # The longest first, as packing wants them; it is not in the time.
        parts = [
            torch.tensor(sorted(lengths[start : start + batch], reverse=True))
            for start in range(0, len(lengths), batch)
        ]
        form = nn.utils.rnn.pad_sequence if padded else nn.utils.rnn.pack_sequence
        self.batches = [
            (
                form([torch.randn(length, features) for length in part.tolist()]),
                part,
                torch.randint(classes, (len(part),)),
            )
            for part in parts
        ]

    def __call__(self, inputs: Any, lengths: Any) -> Any:
        """Logits of a batch, from the last state of the upper layer."""
        states, last = self.gru(inputs)
        if self.padded:
            return self.dense(states[lengths - 1, range(len(lengths))])
        return self.dense(last[-1])

    def size(self, batches: list[Any]) -> dict[str, int]:
        """Numbers of objects, points and parameters in these batches."""
        return {
            "objects": sum(len(lengths) for _, lengths, _ in batches),
            "points": sum(int(lengths.sum()) for _, lengths, _ in batches),
            "parameters": sum(tensor.numel() for tensor in self.parameters),
        }

    def train(self, steps: int) -> dict[str, Any]:
        """Take this number of Adam steps, cycling through the batches."""
        import torch

        optimizer = torch.optim.Adam(self.parameters)

        def step(inputs: Any, lengths: Any, labels: Any) -> None:
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(self(inputs, lengths), labels).backward()
            optimizer.step()

        batches = list(islice(cycle(self.batches), steps))
        answer: dict[str, Any] = {}
        step(*batches[0])
        with timed(answer):
            for batch in batches:
                step(*batch)
        return answer | self.size(batches) | {"steps": steps}

    def forward(self) -> dict[str, Any]:
        """Probabilities of every light curve, once."""
        import torch

        answer: dict[str, Any] = {}
        with torch.inference_mode():
            self(*self.batches[0][:2])
            with timed(answer):
                for inputs, lengths, _ in self.batches:
                    self(inputs, lengths).softmax(-1)
        return answer | self.size(self.batches)


def gru_train(steps: int, **network: Any) -> dict[str, Any]:
    """Train a new network."""
    return Gru(**network).train(steps)


def gru_forward(**network: Any) -> dict[str, Any]:
    """Call a new network."""
    return Gru(**network).forward()


def versions() -> dict[str, Any]:
    """Releases of the peers (None if not installed), and threads of torch."""
    import torch

    releases: dict[str, Any] = {"python": sys.version.split()[0]}
    for package in PACKAGES:
        try:
            releases[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            releases[package] = None
    return releases | {"threads": torch.get_num_threads()}


def serve(commands: dict[str, Callable[..., dict[str, Any]]]) -> None:
    """Answer every line of the standard input until it ends."""
    with os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)  # the libraries print, and only answers may go where they did
        for line in sys.stdin:
            try:
                command = json.loads(line)
                answer = commands[command.pop("do")](**command)
            except Exception as error:  # the other side waits for a line
                answer = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(answer), file=answers, flush=True)  # noqa: T201


def main() -> None:
    """Set the threads before anything reads them, then serve."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--threads", type=int, default=1, metavar="N")
    threads = parser.parse_args().threads
    os.environ["OMP_NUM_THREADS"] = str(threads)
    import torch

    torch.set_num_threads(threads)
    with tempfile.TemporaryDirectory() as folder:
        peer = SuperNNova(Path(folder))
        serve(
            {
                "versions": versions,
                "load": peer.load,
                "supernnova_batch": peer.classify,
                "supernnova_one": partial(peer.classify, batch=1),
                "gru_train": gru_train,
                "gru_forward": gru_forward,
            }
        )


if __name__ == "__main__":
    main()
