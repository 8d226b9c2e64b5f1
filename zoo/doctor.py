"""What is installed here, and what is wrong with it.

No heavy package is imported: versions are read from the packages' metadata.
"""

import importlib.metadata
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from zoo.hub.pins import BUNDLED, bundled_ids, pins
from zoo.kernel.library import BY_CHOICE, TOO_OLD, kernel, why_not
from zoo.model_folder.folder import open_folder, unnamed
from zoo.model_folder.manifest import CARD
from zoo.system.cores import cores
from zoo.system.installed import LEFT_OUT, dependencies, is_installed
from zoo.system.keras_backend import BACKENDS, chosen

OK, WARNING, PROBLEM = "ok", "warning", "problem"

_NEEDED = (
    *("transient-zoo", "keras", "tensorflow", "tensorflow-datasets", "onnxruntime"),
    *("numpy", "pandas", "pyarrow", "huggingface-hub"),
)
_SPARED = "not needed to classify; to train: pip install transient-zoo"
_GIGABYTE = 2**30
_SPACE = 2  # GB, that a data set and what is cached may take
_SECONDS = 3.0  # to wait for the hub


@dataclass(frozen=True)
class Check:
    """One line of the report.

    Attributes:
        name: what was looked at.
        status: `ok`, `warning` (some things will not work) or `problem`.
        found: what was found.
        remedy: what to do about it; empty for `ok`.
    """

    name: str
    status: str
    found: str
    remedy: str = ""


def checks(*, network: bool = True) -> Iterator[Check]:
    """Run every check, one after the other.

    Args:
        network: ask the hub whether it answers.
    """
    yield from versions()
    if is_installed("keras"):
        yield backend()
    yield engine()
    yield gpu()
    yield threads()
    yield data_folder()
    yield hub_cache()
    yield from kept()
    if network:
        yield hub()
    yield from bundled()


def versions() -> Iterator[Check]:
    """Python and the packages that decide what a model predicts, and how fast."""
    yield Check("python", OK, f"{platform.python_version()} ({platform.machine()})")
    spared = () if is_installed("keras") else LEFT_OUT
    missing = [n for n in dependencies() if _version(n) is None]
    for name in (*_NEEDED, *sorted(set(missing) - {*_NEEDED, *spared})):
        version = _version(name)
        if version is not None:
            yield Check(name, OK, version)
        elif name in spared:
            yield Check(name, OK, f"not installed ({_SPARED})")
        else:
            remedy = "pip install --upgrade transient-zoo"
            yield Check(name, PROBLEM, "not installed", remedy)
    for name in BACKENDS[1:]:
        yield Check(name, OK, _version(name) or "not installed (not needed)")


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def backend() -> Check:
    """The backend that Keras will use, and whether it can train."""
    backend = chosen()
    remedy = backend.remedy
    if backend.name not in BACKENDS:  # Keras has others, which predict only
        remedy = f"set KERAS_BACKEND to one of {', '.join(BACKENDS)}"
    return Check("Keras backend", WARNING if remedy else OK, str(backend), remedy)


def engine() -> Check:
    """What computes the network: compiled code, or what takes its place."""
    if compiled := kernel():
        found = f"compiled code for {compiled.variant} predicts, and trains on the CPU"
        return Check("engine", OK, found)
    reason = why_not()
    found = f"ONNX Runtime predicts and Keras trains, several times slower: {reason}"
    if reason in (BY_CHOICE, TOO_OLD):
        return Check("engine", OK, found)
    remedy = "install a C compiler (gcc or clang), and then zoo anew: pip install "
    remedy += "--force-reinstall --no-deps --no-cache-dir --no-binary transient-zoo "
    return Check("engine", WARNING, found, f"{remedy}transient-zoo")


def gpu() -> Check:
    """The GPUs that their driver lists; classification needs none."""
    command = shutil.which("nvidia-smi")
    if command is None:
        return Check("GPU", OK, "no NVIDIA driver: everything runs on the CPU")
    query = [command, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return Check(
            "GPU", WARNING, "nvidia-smi does not answer", "ask the administrator"
        )
    names = "; ".join(done.stdout.split("\n")[:-1])
    if done.returncode or not names:
        return Check("GPU", OK, "none: everything runs on the CPU")
    return Check("GPU", OK, f"{names} (zoo-cli doctor --deep: whether Keras sees it)")


def threads() -> Check:
    """How many cores are used."""
    limit = os.environ.get("OMP_NUM_THREADS", "")
    used = f"{cores()} of {os.cpu_count()} used"
    if limit and not (limit.isdigit() and int(limit)):
        remedy = "set OMP_NUM_THREADS to a number, or not at all"
        problem = f"{used}; OMP_NUM_THREADS={limit} is no number"
        return Check("cores", WARNING, problem, remedy)
    return Check("cores", OK, f"{used}; OMP_NUM_THREADS={limit or 'not set'}")


def data_folder() -> Check:
    """Where tfds keeps data sets."""
    path = os.environ.get("TFDS_DATA_DIR") or Path.home() / "tensorflow_datasets"
    return _writable("data sets", Path(path), "TFDS_DATA_DIR")


def hub_cache() -> Check:
    """Where the client of the hub keeps models."""
    from huggingface_hub.constants import HF_HUB_CACHE

    return _writable("models of the hub", Path(HF_HUB_CACHE), "HF_HUB_CACHE")


def kept() -> Iterator[Check]:
    """What else a command may leave in the home folder; `docs/security.md` lists it."""
    from huggingface_hub.constants import HF_HOME

    home = Path.home()
    cache = os.environ.get("XDG_CACHE_HOME") or home / ".cache"
    fonts = Path(os.environ.get("MPLCONFIGDIR") or Path(cache) / "matplotlib")
    config = Path(os.environ.get("KERAS_HOME") or home / ".keras") / "keras.json"
    notes = Path(HF_HOME) / "zoo" / "versions"
    yield Check("version notes", OK, f"{notes} (the commit of each version; HF_HOME)")
    if is_installed("matplotlib"):
        yield Check("list of fonts", OK, f"{fonts} (of matplotlib; MPLCONFIGDIR)")
    if is_installed("keras"):
        yield Check("settings of Keras", OK, f"{config} (of Keras; KERAS_HOME)")


def _writable(name: str, path: Path, variable: str) -> Check:
    there = next(p for p in (path, *path.absolute().parents) if p.exists())
    place = str(path) if there == path else f"{path} (created when needed)"
    remedy = f"set {variable} to a folder of yours"
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return Check(name, WARNING, f"{place} cannot be written", remedy)
    free = shutil.disk_usage(there).free / _GIGABYTE
    if free < _SPACE:
        return Check(name, WARNING, f"{place}: {free:.1f} GB free", remedy)
    return Check(name, OK, f"{place}, {free:.0f} GB free")


def hub() -> Check:
    """Whether the hub answers; what is bundled or cached needs no network."""
    from huggingface_hub.constants import ENDPOINT, HF_HUB_OFFLINE

    without = "models of the package and of the cache need no network"
    if HF_HUB_OFFLINE:
        return Check("hub", OK, f"HF_HUB_OFFLINE is set: not asked ({without})")
    from huggingface_hub import get_session

    try:
        answer = get_session().get(f"{ENDPOINT}/api/models?limit=1", timeout=_SECONDS)
        answer.raise_for_status()
    except Exception as error:  # of the client, of TLS, of a proxy
        reason = str(error).partition("\n")[0] or type(error).__name__
        silent = f"{ENDPOINT} does not answer ({reason}); {without}"
        remedy = "check the network, or set HF_HUB_OFFLINE=1"
        return Check("hub", WARNING, silent, remedy)
    return Check("hub", OK, f"{ENDPOINT} answers")


def bundled() -> Iterator[Check]:
    """The models that come with the package, every byte of them."""
    remedy = "pip install --force-reinstall transient-zoo"
    for model_id in bundled_ids():
        name = f"model {model_id}"
        try:
            folder = open_folder(BUNDLED / model_id)
            version = f"v{folder.preset.version}"
        except (ValueError, OSError) as error:
            yield Check(name, PROBLEM, str(error), remedy)
            continue
        if pins().get(model_id, {}).get(version) != folder.manifest.sha256:
            yield Check(name, PROBLEM, f"{version} is not as published", remedy)
        elif folder.card_is_edited:
            found = f"{folder.path / CARD} was edited; the model is as published"
            yield Check(name, WARNING, found, remedy)
        elif more := unnamed(folder.path, folder.manifest.files):
            found = f"{more[0]} is no part of the model, and is not read"
            yield Check(name, WARNING, found, "delete it")
        else:
            yield Check(name, OK, f"{version}, every file is right")


def deep() -> Iterator[Check]:
    """Compute the golden values as `classify` does and, if installed, with Keras."""
    from zoo.classifier.load import verify
    from zoo.hub.find import find

    if is_installed("keras"):
        from zoo.classifier.installed import keras

        devices = keras.distribution.list_devices()
        where = ", ".join(map(str, devices)) or "the CPU"
        yield Check("Keras", OK, f"{keras.backend.backend()} on {where}")
    for model_id in bundled_ids():
        name = f"golden values of {model_id}"
        try:
            within = verify(find(model_id))
        except ValueError as error:
            yield Check(name, PROBLEM, str(error), "see zoo-cli verify --help")
        else:
            yield Check(name, OK, f"right within {within:.1g}")
