"""Small models and data that several tests share."""

import json
from pathlib import Path

import numpy as np

from zoo.classifier import TransientClassifier
from zoo.inputs.parameters import Preprocessing
from zoo.light_curves import LightCurves
from zoo.light_curves.analytic import golden_light_curves
from zoo.model_folder.preset import Architecture, Preset
from zoo.taxonomy import ZTFSIMS

SMALL = Architecture(
    gru_1=8, gru_2=8, light_curve_dense=8, metadata_dense=4, merge_dense=8, latent=8
)


def small_model(classes=ZTFSIMS, seed=0, **preprocessing) -> TransientClassifier:
    """A small network with fresh weights."""
    import keras

    keras.utils.set_random_seed(seed)
    preset = Preset(
        "toy-gru",
        tuple(classes),
        version="1.2.3",
        survey="toy",
        license="Apache-2.0",
        architecture=SMALL,
        preprocessing=Preprocessing(**{"passbands": ("ztfg", "ztfr"), **preprocessing}),
    )
    return TransientClassifier(preset)


def labelled(copies: int = 4, **kwargs) -> LightCurves:
    """The golden light curves several times over, with small differences."""
    from zoo.light_curves.table import from_tables

    parts = [golden_light_curves(**kwargs).to_tables() for _ in range(copies)]
    generator = np.random.default_rng(0)
    photometry, metadata = [], []
    for number, (rows, objects) in enumerate(parts):
        noise = generator.normal(size=len(rows)) * rows["flux_err"]
        photometry.append(
            rows.assign(
                object_id=rows["object_id"] + f"-{number}",
                flux=rows["flux"] + noise,
                detected=rows["detected"],
            )
        )
        metadata.append(objects.assign(object_id=objects["object_id"] + f"-{number}"))
    import pandas as pd

    return from_tables(
        pd.concat(photometry, ignore_index=True), pd.concat(metadata, ignore_index=True)
    )


def weights(model) -> dict[str, np.ndarray]:
    """A copy of every tensor, by name."""
    from zoo.model_folder.tensors import named_tensors

    return {name: v.numpy().copy() for name, v in named_tensors(model).items()}


def forge(folder: Path, **changes) -> None:
    """Sign the files of a folder as they are, as who means harm would.

    Args:
        folder: a model folder.
        changes: entries of `zoo.json` to change.
    """
    from zoo.model_folder.contents import names_in
    from zoo.model_folder.manifest import (
        MANIFEST,
        SCHEMA_VERSION,
        _own,
        sha256,
        to_json,
    )

    manifest = json.loads((folder / MANIFEST).read_text())
    assert manifest["schema_version"] == SCHEMA_VERSION
    manifest["files"] = {
        name: sha256((folder / name).read_bytes())
        for name in names_in(folder)
        if name not in (MANIFEST, "split.csv")
    }
    manifest |= changes
    manifest["sha256"] = _own(manifest)
    (folder / MANIFEST).write_text(to_json(manifest))
