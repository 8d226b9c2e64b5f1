"""The authors' weights as a model of ours, their two mistakes corrected.

The order of the classes and the wavelengths of g and r are those that the weights
learned. Keras is imported only when the model is built.
"""

from typing import TYPE_CHECKING

from zoo.inputs.parameters import Preprocessing
from zoo.model_folder.preset import Preset
from zoo.passbands import ZTF_AND_LSST
from zoo.taxonomy import ZTFSIMS
from zoo.upstream.layout import METADATA, OUTPUTS
from zoo.upstream.weights import SOURCE, Upstream

if TYPE_CHECKING:
    from zoo.classifier.classifier import TransientClassifier

_SWAPPED = {"ztfg": 0.6223, "ztfr": 0.4827}
WAVELENGTHS = {
    passband.name: round(sum(_SWAPPED.values()) - passband.wavelength, 4)
    for passband in ZTF_AND_LSST
} | _SWAPPED
"""Wavelengths, um, to feed the networks: the authors' preprocessing swapped those of g
and r, so they learned that bluer is larger. The passbands they never saw are mirrored
too, which keeps the order of colours: on 1,825 LSST-like light curves of MALLORN
the macro AUROC is 0.651 with that, and 0.535 with only g and r swapped."""

_CORRECTIONS = (
    "outputs moved from alphabetical order, which is what the weights give, to that of "
    "ztfsims",
    "g is fed as 0.6223 um and r as 0.4827 um, swapped as in training, and the other "
    "passbands mirrored likewise",
)


def build_upstream(upstream: Upstream) -> "TransientClassifier":
    """Build the model of one of the authors' files.

    The head's columns are put into the order of `zoo.taxonomy.ZTFSIMS`, and the preset
    gives the passbands the wavelengths that the network learned, so that predictions
    for ordinary tables are right. On 1,933 real ZTF light curves in the taxonomy `bts`
    the macro AUROC of `NoHostClassifier.h5` is 0.848; with the right wavelengths of g
    and r it would be 0.451, with the class names in the order of `Detect.classes`
    0.221.

    Times are days of the observer, as everywhere here. The authors' notebook divides
    them by 1 + z, which needs every redshift and gives 0.860.

    The metadata branch of `HostClassifier.h5` takes redshift and E(B-V) (mag) as they
    are. It never saw an unknown one and has no flag for it: such a redshift becomes
    0.1, such an E(B-V) 0.036 mag (`Preprocessing.metadata_fill`). Its macro AUROC there
    is 0.861 with them and 0.724 with all of them hidden: use the other model where
    redshifts are not known.

    Args:
        upstream: what `zoo.upstream.weights.read_upstream` returned.

    Returns:
        A `TransientClassifier`, `upstream-gru` or `upstream-host-gru`; not compiled.

    Example:
        >>> OUTPUTS[0], OUTPUTS[5]
        ('AGN', 'SNIa')
        >>> from zoo.upstream.weights import read_upstream
        >>> build_upstream(read_upstream("NoHostClassifier.h5"))  # doctest: +SKIP
    """
    from zoo.classifier.classifier import TransientClassifier
    from zoo.model_folder.tensors import named_tensors

    metadata = "metadata_dense/kernel" in upstream.tensors
    preset = Preset(
        "upstream-host-gru" if metadata else "upstream-gru",
        ZTFSIMS,
        survey="ztfsims",
        preprocessing=Preprocessing(
            features="paper",
            passbands=tuple(_SWAPPED),
            wavelengths=WAVELENGTHS,
            metadata=METADATA if metadata else (),
        ),
        training={
            "data": "the authors' ZTF simulations (SNANA, ZTFSims of arXiv 2502.18558)",
            "source": SOURCE,
            "sha256": upstream.sha256,
            "copyright": "Copyright (c) 2025 Rithwik-G",
            "corrections": list(_CORRECTIONS),
        },
        license="MIT",
    )
    model = TransientClassifier(preset)
    order = [OUTPUTS.index(label) for label in ZTFSIMS]
    for name, variable in named_tensors(model).items():
        values = upstream.tensors[name]
        variable.assign(values[..., order] if name.startswith("head/") else values)
    return model
