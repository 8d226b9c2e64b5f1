"""A dense layer and a GRU, forwards and backwards.

Arrays are float32 and C-contiguous. Backwards, the gradients of the weights are added
up in the arrays given, which have the shapes of the weights.
"""

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from zoo.kernel.library import RELU, TANH, Kernel
from zoo.kernel.steps import Steps

Arrays = Mapping[str, np.ndarray]


_ROWS = 64
"""Rows multiplied at a time where fewer objects have a step."""


class Dense:
    """A dense layer.

    Args:
        kernel: the compiled functions.
        weights: `kernel` `(k, n)` and `bias` `(n,)`.
        activation: one of `zoo.kernel.library`.
    """

    def __init__(self, kernel: Kernel, weights: Arrays, activation: int):
        self.kernel, self.weights, self.activation = kernel, weights, activation
        self.packed = kernel.packed(weights["kernel"])

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Its output `(m, n)` for `x` `(m, k)`."""
        (m, k), n = x.shape, len(self.weights["bias"])
        y = np.empty((m, n), np.float32)
        self.kernel.multiply(
            *(m, k, n, x.ctypes.data, k, self.packed.ctypes.data),
            *(self.weights["bias"].ctypes.data, y.ctypes.data, n),
        )
        if self.activation:
            self.kernel.activate(self.activation, y.size, y.ctypes.data)
        return y

    def backward(self, y: np.ndarray, of_y: np.ndarray) -> np.ndarray:
        """The gradient of its sums `(m, n)`, from its output and the gradient of it."""
        if self.activation == TANH:
            return of_y * (1 - y * y)
        if self.activation == RELU:
            return of_y * (y > 0)
        return of_y

    def add_gradients(self, x: np.ndarray, of_sums: np.ndarray, into: Arrays) -> None:
        """Add the gradients of its weights, from its input and those of its sums."""
        (m, k), n = x.shape, of_sums.shape[1]
        self.kernel.add_outer(
            *(m, k, n, x.ctypes.data, k, of_sums.ctypes.data, n),
            *(into["kernel"].ctypes.data, n),
        )
        self.kernel.add_rows(m, n, of_sums.ctypes.data, n, into["bias"].ctypes.data)

    def of_input(self, of_sums: np.ndarray) -> np.ndarray:
        """The gradient of its input `(m, k)`, from that of its sums."""
        return _product(self.kernel, of_sums, self._turned, len(self.weights["kernel"]))

    @cached_property
    def _turned(self) -> np.ndarray:
        return self.kernel.packed(self.weights["kernel"].T)


class Gru:
    """A GRU as that of Keras with `reset_after=True`; gates in the order z, r, h.

    Args:
        kernel: the compiled functions.
        weights: `kernel` `(features, 3 * units)`, `recurrent_kernel` `(units, 3 *
            units)` and `bias` `(2, 3 * units)`.
    """

    def __init__(self, kernel: Kernel, weights: Arrays):
        self.kernel, self.weights = kernel, weights
        self.units = len(weights["recurrent_kernel"])
        self.packed = kernel.packed(weights["kernel"])
        self.recurrent = kernel.packed(weights["recurrent_kernel"])

    def forward(
        self,
        steps: Steps,
        x: np.ndarray,
        first: np.ndarray | None = None,
        saved: np.ndarray | None = None,
    ) -> np.ndarray:
        """The states after every row, `(m, units)`, in the order of the steps.

        Args:
            steps: the order of the rows.
            x: `(m, features)`, in that order.
            first: the states before, `(b, units)`; None: zero.
            saved: `(m, 4 * units)`, filled with what `backward` needs.
        """
        states = np.empty((len(x), self.units), np.float32)
        most = int(steps.active[0])
        room = max(most, _ROWS)
        work = np.empty((most + room, 3 * self.units), np.float32)
        self.kernel.gru_forward(
            *(len(steps), steps.active.ctypes.data, x.shape[1], self.units),
            *(x.ctypes.data, self.packed.ctypes.data, self.recurrent.ctypes.data),
            *(self.weights["bias"].ctypes.data, _or_null(first), states.ctypes.data),
            *(_or_null(saved), room, work.ctypes.data),
        )
        return states

    def backward(
        self,
        steps: Steps,
        saved: np.ndarray,
        states: np.ndarray,
        of_states: np.ndarray,
    ) -> np.ndarray:
        """The gradients of the sums in the gates, `(m, 4 * units)`: see `kernel.c`.

        Args:
            steps, saved: of `forward`, where all states began at zero.
            states: what it returned.
            of_states: gradient of all states, `(m, units)`.
        """
        # Held here: another thread that computes it too would free this one.
        turned = self._recurrent_turned
        running = np.zeros((steps.active[0], self.units), np.float32)
        back = np.empty_like(saved)
        self.kernel.gru_backward(
            *(len(steps), steps.active.ctypes.data, self.units),
            *(turned.ctypes.data, states.ctypes.data),
            *(saved.ctypes.data, of_states.ctypes.data, running.ctypes.data),
            back.ctypes.data,
        )
        return back

    @cached_property
    def _recurrent_turned(self) -> np.ndarray:
        of_z_and_r, of_h = np.split(
            self.weights["recurrent_kernel"].T, [2 * self.units]
        )
        return self.kernel.packed(np.concatenate([of_h, of_z_and_r]))

    def add_gradients(
        self,
        steps: Steps,
        x: np.ndarray,
        states: np.ndarray,
        back: np.ndarray,
        into: Arrays,
    ) -> None:
        """Add the gradients of its weights, from those of the sums in its gates.

        Args:
            steps, x, states: of `forward`, where all states began at zero.
            back: what `backward` returned.
            into: where they are added.
        """
        units, (rows, features) = self.units, x.shape
        wide, ld = 3 * units, 4 * units
        of_x = back.ctypes.data + 4 * units  # bytes: those of z, r, h
        self.kernel.add_outer(
            *(rows, features, wide, x.ctypes.data, features, of_x, ld),
            *(into["kernel"].ctypes.data, wide),
        )
        recurrent = np.zeros((units, wide), np.float32)  # in the order h, z, r
        before = states[steps.before()]
        first = int(steps.active[0])
        self.kernel.add_outer(
            *(rows - first, units, wide, before.ctypes.data, units),
            *(back.ctypes.data + 4 * first * ld, ld, recurrent.ctypes.data, wide),
        )
        into["recurrent_kernel"][:, 2 * units :] += recurrent[:, :units]
        into["recurrent_kernel"][:, : 2 * units] += recurrent[:, units:]
        sums = np.zeros(ld, np.float32)
        self.kernel.add_rows(rows, ld, back.ctypes.data, ld, sums.ctypes.data)
        into["bias"][0] += sums[units:]
        into["bias"][1, : 2 * units] += sums[units : 3 * units]
        into["bias"][1, 2 * units :] += sums[:units]

    def of_input(self, back: np.ndarray) -> np.ndarray:
        """The gradient of its input `(m, features)`, from what `backward` returned."""
        features = len(self.weights["kernel"])
        return _product(self.kernel, back[:, self.units :], self._turned, features)

    @cached_property
    def _turned(self) -> np.ndarray:
        return self.kernel.packed(self.weights["kernel"].T)


def _product(
    kernel: Kernel, left: np.ndarray, packed: np.ndarray, n: int
) -> np.ndarray:
    """A matrix, whose rows may lie apart, times a packed one of `n` columns."""
    m, k = left.shape
    result = np.zeros((m, n), np.float32)
    kernel.multiply(
        *(m, k, n, left.ctypes.data, left.strides[0] // left.itemsize),
        *(packed.ctypes.data, None, result.ctypes.data, n),
    )
    return result


def _or_null(array: np.ndarray | None) -> int | None:
    return None if array is None else array.ctypes.data
