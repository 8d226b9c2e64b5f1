"""The learning curves of arXiv 2502.18558, to draw beside ours.

Macro AUROC by number of labels. BTS: medians of five runs, from the log in the authors'
public code of 2025-06-13, direct training digitised from their figure; LSST: digitised
from the vector paths of their figure (about +-0.002), without 900 and 1,000 labels,
which it hides.
"""

from collections.abc import Mapping

_BTS = (100, 200, 300, 400, 500, 600, 700, 800, 900, 1000, 1200, 1400, 1600, 1800, 2000)
_BTS_LABELS = (*_BTS, 2500, 3000, 3500, 4000)
_BTS_TRANSFER = (
    *(0.589, 0.649, 0.660, 0.666, 0.619, 0.617, 0.621, 0.627, 0.627, 0.629, 0.658),
    *(0.672, 0.652, 0.648, 0.668, 0.650, 0.693, 0.723, 0.722),
)
_BTS_SCRATCH = (
    *(0.439, 0.499, 0.480, 0.485, 0.532, 0.512, 0.565, 0.614, 0.529, 0.611, 0.636),
    *(0.671, 0.659, 0.669, 0.693, 0.679, 0.689, 0.701, 0.708),
)
_LSST_LABELS = (*range(100, 801, 100), *range(2000, 10_001, 1000))
_LSST_TRANSFER = (
    *(0.567, 0.573, 0.579, 0.603, 0.599, 0.617, 0.634, 0.650, 0.732, 0.778, 0.794),
    *(0.803, 0.816, 0.825, 0.823, 0.834, 0.839),
)
_LSST_ALL = (
    *(0.571, 0.590, 0.585, 0.600, 0.606, 0.614, 0.654, 0.664, 0.753, 0.763, 0.796),
    *(0.811, 0.817, 0.824, 0.831, 0.834, 0.838),
)
_LSST_OUTPUT = (
    *(0.515, 0.516, 0.524, 0.527, 0.532, 0.540, 0.542, 0.551, 0.601, 0.624, 0.633),
    *(0.642, 0.648, 0.644, 0.642, 0.649, 0.655),
)
_LSST_SCRATCH = (
    *(0.497, 0.522, 0.511, 0.528, 0.567, 0.577, 0.603, 0.582, 0.607, 0.645, 0.732),
    *(0.772, 0.758, 0.804, 0.823, 0.830, 0.836),
)


def _curve(labels: tuple[int, ...], values: tuple[float, ...]) -> dict[int, float]:
    return dict(zip(labels, values, strict=True))


PUBLISHED: Mapping[str, Mapping[str, Mapping[int, float]]] = {
    "bts": {
        "transfer": _curve(_BTS_LABELS, _BTS_TRANSFER),
        "from scratch": _curve(_BTS_LABELS, _BTS_SCRATCH),
    },
    "lsst": {
        "transfer": _curve(_LSST_LABELS, _LSST_TRANSFER),
        "from scratch": _curve(_LSST_LABELS, _LSST_SCRATCH),
        "all layers": _curve(_LSST_LABELS, _LSST_ALL),
        "output only": _curve(_LSST_LABELS, _LSST_OUTPUT),
    },
}
"""By target and method: transfer (its best choice of layers), from scratch, and for
LSST the other two choices."""
