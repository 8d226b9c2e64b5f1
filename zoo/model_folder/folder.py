"""What stands in a model folder beside the model."""

import tempfile
from pathlib import Path

import pandas as pd

from zoo.model_folder.manifest import MANIFEST, SPLIT, read_manifest


def read_split(folder: Path) -> list[str]:
    """Ids of the objects a folder's model was trained on, empty where not kept."""
    path = folder / SPLIT
    if not path.is_file():
        return []
    return pd.read_csv(path, dtype=str)["object_id"].tolist()


def refuse_other_content(path: Path) -> None:
    """Raise ValueError where a model folder cannot be written, or would destroy
    something else."""
    if path.exists() and not path.is_dir():
        raise ValueError(f"{path} is a file. Choose a folder to write the model to.")
    if path.is_dir():
        ours = {MANIFEST, SPLIT}
        if (path / MANIFEST).is_file():
            try:
                ours |= read_manifest(path)["files"].keys()
            except ValueError:
                raise ValueError(
                    f"{path} holds a damaged model. Delete it or choose another folder."
                ) from None
        names = sorted(p.name for p in path.iterdir() if not p.name.startswith("."))
        if other := [name for name in names if name not in ours]:
            raise ValueError(
                f"{path} holds something other than a model: {other[0]}. Choose "
                "another folder."
            )
    above = next(p for p in path.absolute().parents if p.exists())
    try:
        tempfile.TemporaryDirectory(dir=above).cleanup()
    except OSError as error:
        raise ValueError(
            f"{path} cannot be written: {error.strerror}. Choose another folder."
        ) from None
