"""What a stream remembers of each object: a row of a few arrays that grow together."""

from collections.abc import Mapping, Sequence
from itertools import repeat

import numpy as np

from zoo.inputs.metadata import further_names
from zoo.inputs.parameters import SCALARS
from zoo.model_folder.preset import Preset
from zoo.passbands import CATALOGUE, Passband
from zoo.stream.check import check_objects
from zoo.stream.file import packed, unpacked
from zoo.stream.observations import grown, runs

STATES = (("state_1", "before_1"), ("state_2", "before_2"))


class Objects:
    """Objects of a stream, numbered in the order in which they came.

    Attributes:
        slots: number of each object, by its id.
        columns: arrays of at least as many rows:
            trigger_mjd: float64, NaN before there is a trigger.
            trigger_flux: float32, scales the fluxes.
            last_mjd: float64, of the newest observation.
            last_bands: uint64 `(n, words)`, bit i set where passband i was observed
                then, counted over the words.
            redshift, mwebv: float32, NaN = unknown.
            further: float32 `(n, k)`, the same of the further metadata of the model
                (`zoo.inputs.metadata.further_names`); only where it has any.
            state_1, state_2: float32 `(n, units)`, of the two GRUs.
            before_1, before_2: the same, before the observations at `last_mjd`.
            probabilities: float32 `(n, classes)`, after the newest observation.
            novelty: float32, of `zoo.novelty`; only where the stream scores it.
    """

    def __init__(self, preset: Preset, *, novelty: bool = False):
        sizes = preset.architecture
        self.slots: dict[str, int] = {}
        nothing = np.float32("nan")
        self._fill: dict[str, np.generic | np.ndarray] = {
            "trigger_mjd": np.float64("nan"),
            "trigger_flux": nothing,
            "last_mjd": np.float64("-inf"),
            "last_bands": np.zeros(_words(CATALOGUE), np.uint64),
            "redshift": nothing,
            "mwebv": nothing,
            "state_1": np.zeros(sizes.gru_1, np.float32),
            "state_2": np.zeros(sizes.gru_2, np.float32),
            "before_1": np.zeros(sizes.gru_1, np.float32),
            "before_2": np.zeros(sizes.gru_2, np.float32),
            "probabilities": np.full(len(preset.classes), nothing),
        }
        if novelty:
            self._fill["novelty"] = nothing
        self._further = further_names(preset.preprocessing)
        if self._further:
            self._fill["further"] = np.full(len(self._further), nothing)
        self.columns = {
            name: np.empty((0, *fill.shape), fill.dtype)
            for name, fill in self._fill.items()
        }

    def __len__(self) -> int:
        return len(self.slots)

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    def find(self, ids: np.ndarray | list[str]) -> np.ndarray:
        """Numbers of objects, int64 `(k,)`; a new one gets the next number."""
        known, new = self.slots, -1
        numbers = np.fromiter(map(known.get, ids, repeat(new)), np.int64, len(ids))
        for at in np.flatnonzero(numbers == new).tolist():
            numbers[at] = known.setdefault(ids[at], len(known))
        for name, column in self.columns.items():
            self.columns[name] = grown(column, len(known), self._fill[name])
        return numbers

    def learn(self, slots: np.ndarray, metadata: Mapping[str, np.ndarray]) -> None:
        """Replace metadata by values that are known, those that are not NaN; the error
        of a redshift by that of the new redshift, which may have none.

        Args:
            slots: int64 `(k,)`, numbers of objects.
            metadata: those that the model sees, float32 `(k,)` each.
        """
        for name, values in metadata.items():
            own = metadata["redshift"] if name == "redshift_err" else values
            known = np.isfinite(own)
            self._metadata(name)[slots[known]] = values[known]

    def metadata(self, slots: np.ndarray) -> dict[str, np.ndarray]:
        """What is known of some objects, float32 `(k,)` each."""
        names = (*SCALARS, *self._further)
        return {name: self._metadata(name)[slots] for name in names}

    def _metadata(self, name: str) -> np.ndarray:
        if name in SCALARS:
            return self[name]
        return self["further"][:, self._further.index(name)]

    def note(self, of_row: np.ndarray, mjd: np.ndarray, band: np.ndarray) -> None:
        """Remember when each object was last observed, and in which passbands.

        Args:
            of_row: int64 `(m,)`, the object of each observation; rows of an object are
                adjacent.
            mjd: float64 `(m,)`, none of them late, in order.
            band: int16 `(m,)`.
        """
        _, slots, ends = runs(of_row)
        last_mjd, last_bands = self["last_mjd"], self["last_bands"]
        newest = mjd[ends - 1]
        last_bands[slots[newest > last_mjd[slots]]] = 0
        last_mjd[slots] = newest
        rows = np.flatnonzero(mjd == last_mjd[of_row])
        word, bit = _place(band[rows])
        np.bitwise_or.at(last_bands, (of_row[rows], word), np.uint64(1) << bit)

    def observed_last(self, of_row: np.ndarray, band: np.ndarray) -> np.ndarray:
        """Whether the newest observations of objects include one in a passband, bool
        `(m,)`, for pairs of both."""
        word, bit = _place(band)
        return self["last_bands"][of_row, word] >> bit & np.uint64(1) == 1

    def settle(self, slots: np.ndarray) -> None:
        """The states of objects, now, are those before their newest observations."""
        for state, before in STATES:
            self[before][slots] = self[state][slots]

    def reopen(self, slots: np.ndarray) -> None:
        """Go back to the states before the newest observations of objects; where one
        of these was the trigger, to those of an object without any."""
        for state, before in STATES:
            self[state][slots] = self[before][slots]
        first = slots[self["trigger_mjd"][slots] == self["last_mjd"][slots]]
        for name in ("trigger_mjd", "trigger_flux", *(state for state, _ in STATES)):
            self[name][first] = self._fill[name]

    def recode(self, before: Sequence[Passband], after: Sequence[Passband]) -> None:
        """Follow passbands of users that have come in between."""
        old = self["last_bands"]
        new = np.zeros((len(old), _words(after)), np.uint64)
        words, bits = _place(np.array([after.index(p) for p in before]))
        for code, (word, bit) in enumerate(zip(words, bits, strict=True)):
            old_word, old_bit = _place(np.array(code))
            new[:, word] |= (old[:, old_word] >> old_bit & np.uint64(1)) << bit
        self.columns["last_bands"] = new
        self._fill["last_bands"] = np.zeros(_words(after), np.uint64)

    def keep(self, kept: np.ndarray) -> np.ndarray:
        """Forget all objects but those that are kept, bool `(n,)`, by number.

        Returns:
            The new number of each object, int64 `(n,)`, -1 where it was forgotten.
        """
        number = np.where(kept, np.cumsum(kept) - 1, -1)
        count = len(self)
        names = self.slots.items()
        self.slots = {x: int(number[i]) for x, i in names if number[i] >= 0}
        for name, column in self.columns.items():
            self.columns[name] = column[:count][kept]
        return number

    def to_arrays(self) -> dict[str, np.ndarray]:
        """All of it as named arrays."""
        columns = {name: column[: len(self)] for name, column in self.columns.items()}
        return {**packed("object_id", self.slots), **columns}

    def take_over(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Undo `to_arrays`, where there are no objects yet.

        Raises:
            ValueError: these cannot be the objects of a stream of the model.
        """
        arrays = dict(arrays)
        bits = arrays.get("last_bands", np.empty(0))
        if bits.ndim == 1:  # of the nine first passbands
            words = np.zeros((len(bits), self["last_bands"].shape[1]), np.uint64)
            words[:, 0] = bits
            arrays["last_bands"] = words
        for state, before in STATES:  # not in the files of earlier versions
            if state in arrays:
                arrays.setdefault(before, arrays[state].copy())
        ids = unpacked("object_id", arrays)
        check_objects(ids, arrays, self.columns)
        self.find(ids)
        for name in self.columns:
            self.columns[name] = arrays[name]


def _words(passbands: Sequence[Passband]) -> int:
    """Number of 64-bit words that have a bit for each passband."""
    return -(-len(passbands) // 64)


def _place(band: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Word and bit of passbands."""
    return band >> 6, (band & 63).astype(np.uint64)
