"""Moments of a light curve at which a network learns, besides its end.

A broker asks at every alert, and most questions come in the first days. A GRU has a
state after every row, so learning at further moments costs the few dense layers alone,
while light curves cut short would each cost a pass of their own.
"""

import numpy as np

from zoo.inputs.inputs import Inputs


def draw_ends(
    inputs: Inputs, prefixes: int, generator: np.random.Generator
) -> np.ndarray:
    """The rows after which a network learns, int64 `(k, 1 + prefixes)`.

    The first is the last row of each object. The others lie between its trigger and its
    end, uniform in the logarithm of the number of rows from the trigger on: an object
    is as often seen with one or two as with 16 to 32 of them.

    Args:
        inputs: of `k` objects.
        prefixes: number of earlier rows, which may repeat.
        generator: source of the randomness.

    Example:
        >>> from zoo.inputs.parameters import Preprocessing
        >>> from zoo.inputs.preprocess import preprocess
        >>> from zoo.light_curves.analytic import golden_light_curves
        >>> inputs = preprocess(golden_light_curves(), Preprocessing())
        >>> draw_ends(inputs, 2, np.random.default_rng(0)).shape
        (8, 3)
    """
    last = inputs.lengths - 1
    after = last - inputs.trigger + 1
    share = generator.random((len(inputs), prefixes))
    drawn = np.floor(after[:, None] ** share).astype(np.int64)
    earlier = inputs.trigger[:, None] + np.minimum(drawn, after[:, None]) - 1
    return np.concatenate([last[:, None], earlier], axis=1)
