"""Observations of objects that have no trigger yet, kept until it is confirmed."""

from dataclasses import dataclass, fields

import numpy as np

from zoo.stream.grow import grown


@dataclass(frozen=True, eq=False)
class Observations:
    """Observations in columns, all `(m,)`: see `zoo.LightCurves`."""

    mjd: np.ndarray
    flux: np.ndarray
    flux_err: np.ndarray
    band: np.ndarray
    detected: np.ndarray

    def take(self, rows: np.ndarray) -> "Observations":
        """Pick rows by position, in the order given."""
        return Observations(*(getattr(self, f.name)[rows] for f in fields(self)))

    def __add__(self, other: "Observations") -> "Observations":
        pairs = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return Observations(*map(np.concatenate, pairs))


class Pending:
    """Chains of observations, one for each object, in arrays that all of them share.

    An object's chain is found, taken out and put back in time that depends on its own
    length alone, however many objects wait.
    """

    def __init__(self) -> None:
        self.rows = Observations(
            np.empty(0), *(np.empty(0, t) for t in ("f4", "f4", "i1", "?"))
        )
        self.next = np.empty(0, np.int64)  # row before this one of the same object
        self.last = np.empty(0, np.int64)  # newest row of each object, -1: none
        self.free = np.empty(0, np.int64)  # a stack of rows that hold nothing,
        self.unused = 0  # so many of them

    def take(self, slots: np.ndarray) -> tuple[np.ndarray, Observations]:
        """Take out the observations of some objects.

        Args:
            slots: int64 `(k,)`, numbers of the objects.

        Returns:
            Position of each observation's object among `slots`, int64 `(m,)`, and the
            observations, in no order.
        """
        self.last = grown(self.last, int(slots.max(initial=-1)) + 1, -1)
        owner, rows = np.arange(len(slots)), self.last[slots]
        owners, found = [], []
        while len(rows):
            held = rows >= 0
            owner, rows = owner[held], rows[held]
            owners.append(owner)
            found.append(rows)
            rows = self.next[rows]
        self.last[slots] = -1
        taken = np.concatenate([*found, np.empty(0, np.int64)])
        self._release(taken)
        return np.concatenate([*owners, taken[:0]]), self.rows.take(taken)

    def add(self, slots: np.ndarray, rows: Observations) -> None:
        """Put observations back.

        Args:
            slots: int64 `(m,)`, the object of each, not decreasing; none of them has
                any here.
            rows: the observations.
        """
        self.last = grown(self.last, int(slots.max(initial=-1)) + 1, -1)
        if (missing := len(slots) - self.unused) > 0:
            size = len(self.next)
            self.next = grown(self.next, size + missing, -1)
            columns = (getattr(self.rows, f.name) for f in fields(Observations))
            self.rows = Observations(*(grown(c, size + missing, 0) for c in columns))
            self._release(np.arange(size, len(self.next)))
        self.unused -= len(slots)
        places = self.free[self.unused : self.unused + len(slots)].copy()
        for f in fields(Observations):
            getattr(self.rows, f.name)[places] = getattr(rows, f.name)
        same = np.zeros(len(slots), bool)
        same[1:] = slots[1:] == slots[:-1]
        self.next[places] = np.where(same, np.roll(places, 1), -1)
        self.last[slots] = places  # of several, the last assignment stays

    def _release(self, rows: np.ndarray) -> None:
        self.free = grown(self.free, self.unused + len(rows), 0)
        self.free[self.unused : self.unused + len(rows)] = rows
        self.unused += len(rows)
