"""Observations that may be needed again: all that can matter of an object without a
trigger, and the newest of any other, which one at the same time may still join."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace

import numpy as np

from zoo.light_curves.ragged import recoded
from zoo.passbands import Passband
from zoo.stream.observations import Observations, grown


class Pending:
    """Chains of observations, one for each object, in arrays that all of them share.

    The time to find a chain, take it out or put it back depends on its own length
    alone, not on the number of objects that wait.
    """

    def __init__(self) -> None:
        self.rows = Observations(
            np.empty(0), *(np.empty(0, t) for t in ("f4", "f4", "i2", "?"))
        )
        self.next = np.empty(0, np.int64)  # row before this one of the same object
        self.last = np.empty(0, np.int64)  # newest row of each object, -1: none
        self.free = np.empty(0, np.int64)  # a stack of rows that hold nothing
        self.unused = 0  # number of rows on that stack

    def take(self, slots: np.ndarray) -> tuple[np.ndarray, Observations]:
        """Take out the observations of some objects, by their numbers, int64 `(k,)`.

        Returns:
            Position of each observation's object among `slots`, int64 `(m,)`, and the
            observations, in no order.
        """
        self.last = grown(self.last, int(slots.max(initial=-1)) + 1, -1)
        owner, rows = np.arange(len(slots)), self.last[slots]
        owners, links = [], []
        while len(rows):
            held = rows >= 0
            owner, rows = owner[held], rows[held]
            owners.append(owner)
            links.append(rows)
            rows = self.next[rows]
        self.last[slots] = -1
        taken = np.concatenate([*links, np.empty(0, np.int64)])
        self._release(taken)
        return np.concatenate([*owners, taken[:0]]), self.rows.take(taken)

    def add(self, slots: np.ndarray, rows: Observations) -> None:
        """Put observations back.

        Args:
            slots: int64 `(m,)`, the object of each, not decreasing; none of them may
                have observations here.
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

    def renumber(self, number: np.ndarray) -> "Pending":
        """The same chains under other numbers; these are empty afterwards.

        Args:
            number: int64 `(n,)`, the new number of each object, not decreasing except
                for -1: the object was forgotten.
        """
        owner, rows = self._take_sorted(np.flatnonzero(number >= 0))
        renumbered = Pending()
        renumbered.add(owner, rows)
        return renumbered

    def to_arrays(self, count: int) -> dict[str, np.ndarray]:
        """The chains of the first `count` objects as named arrays."""
        owner, rows = self._take_sorted(np.arange(count))
        self.add(owner, rows)
        columns = {f"pending_{name}": column for name, column in vars(rows).items()}
        return {"pending_object": owner, **columns}

    def take_over(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Undo `to_arrays`, where no object waits yet."""
        columns = (arrays[f"pending_{f.name}"] for f in fields(Observations))
        self.add(arrays["pending_object"], Observations(*columns))

    def recode(self, before: Sequence[Passband], after: Sequence[Passband]) -> None:
        """Follow passbands of users that have come in between."""
        band = recoded(self.rows.band, tuple(before), tuple(after))
        self.rows = replace(self.rows, band=band)

    def _take_sorted(self, slots: np.ndarray) -> tuple[np.ndarray, Observations]:
        """As `take`, sorted by object and time."""
        owner, rows = self.take(slots)
        order = np.lexsort((rows.mjd, owner))
        return owner[order], rows.take(order)

    def _release(self, rows: np.ndarray) -> None:
        self.free = grown(self.free, self.unused + len(rows), 0)
        self.free[self.unused : self.unused + len(rows)] = rows
        self.unused += len(rows)
