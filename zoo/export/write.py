"""A model in the format of another runtime: ONNX, SavedModel, LiteRT.

A file is written only if it agrees with Keras to 1e-5 on the golden light curves. Every
file describes its own inputs (`zoo.export.document`).

OpenVINO is not supported: it ignores the lengths of the light curves in a batch, so
that probabilities differ from those of Keras by 0.04 to 0.14 (measured with 2026.4).
The same happens to our ONNX file where OpenVINO reads it.
"""

from dataclasses import dataclass
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Union

from zoo.spelling import did_you_mean
from zoo.system.atomic import new_file, new_folder, refuse_existing

if TYPE_CHECKING:
    from zoo.classifier.network import LightCurveNetwork

FORMATS = {"onnx": ".onnx", "saved_model": "", "litert": ".tflite"}
"""The formats, and the suffix of a file of each; a SavedModel is a folder."""

_REFUSED = {
    "openvino": ": it ignores the lengths of light curves (2026.4), so that "
    "probabilities are off by 0.04 to 0.14"
}


@dataclass(frozen=True)
class Exported:
    """A written file, and how well it agrees with Keras.

    Attributes:
        path: file or folder.
        difference: the largest difference in probability from Keras, on the golden
            light curves.
        objects: number of golden light curves.
    """

    path: Path
    difference: float
    objects: int


def export(
    model: Union["LightCurveNetwork", str, PathLike[str]],
    format: str,
    out: str | PathLike[str],
    *,
    overwrite: bool = False,
) -> Exported:
    """Write a model for another runtime, checked against Keras, or write nothing.

    Inputs of the file: `light_curve` float32 `(batch, time, features)`, padded with
    zero rows, and `metadata` float32 `(batch, width)` where the model has that branch;
    both of any size. Outputs: `probabilities` float32 `(batch, classes)` and `latent`
    float32 `(batch, width)`. Rows of zeros are skipped wherever they are; a NaN among
    the inputs of an object gives NaN.

    Args:
        model: a loaded model, or the name or folder of one.
        format: `onnx`, `saved_model` (a folder) or `litert`.
        out: file to write, `.onnx` or `.tflite`, or folder.
        overwrite: replace an earlier export that is there.

    Returns:
        The path, and the difference from Keras.

    Raises:
        ValueError: the format is not known or not supported, `out` does not fit it, or
            the file disagrees with Keras.
        FileExistsError: `out` exists, and `overwrite` is False.
        KeyError, OSError: as `zoo.load`.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     export("ztfsims-gru-lite", "onnx", f"{folder}/m.onnx").difference < 1e-5
        True
    """
    path = Path(out)
    check_out(format, path, overwrite)
    from zoo.classifier.network import LightCurveNetwork
    from zoo.export.check import check
    from zoo.export.document import document
    from zoo.inference.runtime import current_tensors

    if isinstance(model, LightCurveNetwork):
        network = model
    else:
        from zoo.classifier.load import load

        network = load(model)
    writer = import_module(f"zoo.export.{format}")
    tensors = current_tensors(network)
    with (new_file if FORMATS[format] else new_folder)(path) as part:
        writer.write(network.preset, tensors, document(network, format), part)
        difference, objects = check(writer.reader(part), network, format)
    return Exported(path, difference, objects)


def check_out(format: str, path: Path, overwrite: bool = False) -> None:
    """Refuse a format or a path before anything is loaded.

    Raises:
        ValueError, FileExistsError: see `export`.
    """
    if format not in FORMATS:
        because = _REFUSED.get(format, "")
        hint = did_you_mean(format, FORMATS)
        raise ValueError(
            f"models are not exported as {format!r}{because}.{hint} Choose one of "
            f"{', '.join(FORMATS)}."
        )
    if not path.absolute().parent.is_dir():
        raise ValueError(f"{path} cannot be written: its folder does not exist.")
    suffix = FORMATS[format]
    if suffix and path.suffix != suffix:
        raise ValueError(f"a file of format {format} must end in {suffix}: {path}.")
    if suffix and path.is_dir():
        raise ValueError(f"{path} is a folder. Give the path of a file.")
    if not suffix and path.exists():
        from zoo.export.saved_model import FILES

        if not path.is_dir():
            raise ValueError(
                f"{path} is a file, and a SavedModel is a folder. Choose another path."
            )
        if other := sorted({one.name for one in path.iterdir()} - FILES):
            raise ValueError(
                f"{path} holds something other than an exported model: {other[0]}. "
                "Choose another folder."
            )
    refuse_existing(path, overwrite)
