"""The models that this process holds in memory, so that a name is loaded only once.

What is held is what was read and checked: files whose sha256 stand in `zoo.json`.
Nothing is written, and another process begins anew.
For each call `zoo.json` is read and checked again; where its text, or the size, time or
identity of another file, is no longer that of what is held, the folder is read and
checked as a whole.
"""

from collections import OrderedDict
from typing import Any

from zoo.model_folder.folder import ModelFolder, read_files
from zoo.model_folder.manifest import Manifest

MOST = 8
"""Model folders held at a time, those used last: 1 to 2 MB each, more than a worker
needs."""

_folders: OrderedDict[tuple[Any, ...], ModelFolder] = OrderedDict()


def held_files(manifest: Manifest) -> ModelFolder:
    """As `zoo.model_folder.folder.read_files`, or what this process holds of it.

    Args:
        manifest: the `zoo.json` of the folder, just read and checked.

    Raises:
        ValueError: a file is missing or was changed.
    """
    states = _states(manifest)
    if states is None:
        return read_files(manifest)
    key = (manifest.folder, manifest.content, *states)
    # Without a lock, which a fork could copy while it is held: at worst, two threads
    # read the same folder at the same time.
    folder = _folders.pop(key, None) or read_files(manifest)
    _folders[key] = folder
    if len(_folders) > MOST:
        _folders.popitem(last=False)
    return folder


def _states(manifest: Manifest) -> list[Any] | None:
    """Of each file beside `zoo.json`: what changes where it is written or replaced;
    None where one is missing."""
    states = []
    for name in sorted(manifest.files):
        try:
            state = (manifest.folder / name).stat()
        except OSError:  # missing: `read_files` says so
            return None
        times = state.st_mtime_ns, state.st_ctime_ns
        states.append((state.st_dev, state.st_ino, state.st_size, *times))
    return states
