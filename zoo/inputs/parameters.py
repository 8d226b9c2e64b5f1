"""The parameters of the preprocessing, which travel with the weights."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from zoo.columns import METADATA, PHOTOMETRY
from zoo.inputs.features import FEATURES
from zoo.inputs.limits import check_names, check_number, check_table, shown
from zoo.passbands import LONGEST, PASSBANDS, ZTF_AND_LSST, Passband, make
from zoo.spelling import did_you_mean

SCALARS = ("redshift", "mwebv")
"""What every metadata branch may see of an object."""

METADATA_INPUTS = (*SCALARS, *(f"{name}_known" for name in SCALARS), "redshift_err")
"""Inputs of the metadata branch: a scalar, and whether it is known; and the error of
the redshift, which has no such flag: where a redshift has none, it is exact."""

_FILLED = (*SCALARS, "redshift_err")
_NAMES = {
    *(name for aliases in PHOTOMETRY.values() for name in aliases),
    *(name for column in (*_FILLED, "label") for name in METADATA[column]),
}  # columns with a meaning of their own
_LARGEST = 3e38  # of single precision
_MOST_COLUMNS = 1000  # so that a forged preset cannot fill the memory

_CENTURY = 36525.0  # days, of which light curves have fewer
# Fluxes at zero point 27.5 of magnitudes 42.5 and 5: no survey measures either.
_FAINTEST, _BRIGHTEST = 1e-6, 1e9


@dataclass(frozen=True)
class Preprocessing:
    """How light curves become the inputs of a network.

    Attributes:
        features: name of the features of an observation, see `zoo.inputs.features`.
        window: first and last day since trigger that are kept.
        pair_days: a detection without another one, in any passband, within so many
            days after it is no trigger.
        flux_scale: flux (zero point 27.5) that the features take as unit.
        passbands: names of the passbands the model was trained on.
        wavelengths: effective wavelength, um, of the passbands of ZTF and LSST and of
            those that the model was trained on.
        wavelength_margin: um; an observation whose wavelength lies further than this
            from the range that the model was trained on is left out.
        metadata: inputs of the metadata branch: names of scalars and of `columns`, and
            `NAME_known` for whether one is known; empty for a light-curve-only model.
        metadata_fill: value that stands in for an unknown scalar; of `redshift_err`,
            for that of an unknown redshift.
        columns: further columns of the metadata, of a user's own, with the `median` and
            the `scale` that standardise each; empty for one that awaits `zoo.fit`,
            which finds them.
    """

    features: str = "scaled"
    # Window, pair rule and flux scale: arXiv 2502.18558 and its code. Metadata fill:
    # the median E(B-V) of Bright Transient Survey objects, 0.036 mag, and a round
    # redshift; one that is not known is flagged by an input of its own.
    window: tuple[float, float] = (-30.0, 70.0)
    pair_days: float = 30.0
    flux_scale: float = 500.0
    passbands: tuple[str, ...] = ()
    wavelengths: Mapping[str, float] = field(
        default_factory=lambda: {p.name: p.wavelength for p in ZTF_AND_LSST}
    )
    # Half the width of g and r of ZTF and LSST, 0.11 to 0.14 um (`Passband.samples`):
    # within it a passband shares light with one that the model knows.
    wavelength_margin: float = 0.06
    metadata: tuple[str, ...] = ("redshift", "redshift_known", "mwebv")
    metadata_fill: Mapping[str, float] = field(
        default_factory=lambda: {"redshift": 0.1, "mwebv": 0.036}
    )
    columns: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def reads(self) -> dict[str, Any]:
        """What reading data for a model needs of it, as `ReadOptions` has them."""
        return {"learned": self.own_passbands, "columns": (*self.columns,)}

    def with_columns(self, columns: Sequence[str]) -> "Preprocessing":
        """The same, with the inputs of further columns of the metadata at the end.

        Raises:
            ValueError: one is an input already or has a meaning of its own, or there
                is no metadata branch.

        Example:
            >>> Preprocessing().with_columns(["host_mag"]).metadata[-2:]
            ('host_mag', 'host_mag_known')
        """
        if isinstance(columns, str):
            raise ValueError(
                f"metadata is {shown(columns)}; it must be a list: [{shown(columns)}]."
            )
        check_names("metadata", columns, "a column of the metadata")
        if not columns:
            return self
        for name in columns:
            refuse_meaning(name)
            if name in self.columns:
                raise ValueError(
                    f"{name!r} is an input of the model already. Leave it out."
                )
        if not self.metadata:
            raise ValueError(
                f"the model has no metadata branch, so it cannot take up "
                f"{', '.join(columns)}. Choose a base that has one."
            )
        inputs = (one for name in columns for one in inputs_of(name))
        return replace(
            self,
            metadata=(*self.metadata, *inputs),
            columns={**self.columns, **{name: {} for name in columns}},
        )

    @cached_property
    def trained_range(self) -> tuple[float, float] | None:
        """Shortest and longest effective wavelength, um, that a model was trained on;
        None where its passbands are not known.
        """
        of_catalogue = {
            name: PASSBANDS[name].wavelength
            for name in self.passbands
            if name in PASSBANDS
        }
        trained = {**of_catalogue, **self.wavelengths}
        values = [trained[name] for name in self.passbands]
        return (min(values), max(values)) if values else None

    @property
    def own_passbands(self) -> dict[str, Passband]:
        """Passbands of users that the model was trained on, by name."""
        return {
            name: make(name, wavelength=wavelength)
            for name, wavelength in self.wavelengths.items()
            if name not in PASSBANDS
        }

    def __post_init__(self) -> None:
        if not isinstance(self.features, str) or self.features not in FEATURES:
            raise ValueError(
                f"features {shown(self.features)} are not known. Choose one of "
                f"{', '.join(FEATURES)}.{did_you_mean(self.features, FEATURES)}"
            )
        self._check_times()
        check_number("flux_scale", self.flux_scale, _FAINTEST, _BRIGHTEST)
        check_table("wavelengths", self.wavelengths)
        for name, wavelength in self.wavelengths.items():
            if not isinstance(wavelength, int | float) or isinstance(wavelength, bool):
                raise ValueError(
                    f"the wavelength of passband {name!r} is {shown(wavelength)}, no "
                    "number."
                )
            make(name, wavelength=wavelength)
        check_names("passbands", self.passbands, "a passband")
        for name in self.passbands:
            if name not in self.wavelengths and name not in PASSBANDS:
                raise ValueError(f"the wavelength of passband {name!r} is missing.")
        # Infinite, in memory alone: of a model that keeps all passbands.
        if self.wavelength_margin != math.inf:
            check_number("wavelength_margin", self.wavelength_margin, 0, LONGEST)
        self._check_metadata()

    def _check_times(self) -> None:
        window = self.window
        if not isinstance(window, list | tuple) or len(window) != 2:
            raise ValueError(
                f"window is {shown(window)}; it must be the first and the last day "
                "since trigger."
            )
        # The trigger itself, at day 0, is always among the rows.
        check_number("the first day of the window", window[0], -_CENTURY, 0)
        check_number("the last day of the window", window[1], 0, _CENTURY)
        if window[0] == window[1]:
            raise ValueError("the window ends where it begins.")
        check_number("pair_days", self.pair_days, 0, _CENTURY)

    def _check_metadata(self) -> None:
        self._check_columns()
        check_names("metadata", self.metadata, "an input of the metadata")
        own = [name for column in self.columns for name in inputs_of(column)]
        for name in self.metadata:
            if name not in METADATA_INPUTS and name not in own:
                raise ValueError(
                    f"the input {name!r} of the metadata is not known. Known: "
                    f"{', '.join((*METADATA_INPUTS, *own))}."
                    f"{did_you_mean(name, [*METADATA_INPUTS, *own])}"
                )
        if missing := [name for name in own if name not in self.metadata]:
            raise ValueError(f"metadata lacks {missing[0]!r}, an input of columns.")
        check_table("metadata_fill", self.metadata_fill)
        for name, fill in self.metadata_fill.items():
            # -9 and -99 are what surveys write for unknown; no redshift is 1,000.
            check_number(f"metadata_fill of {name!r}", fill, -1000, 1000)
        for name in self.metadata:
            if name in _FILLED and name not in self.metadata_fill:
                raise ValueError(
                    f"metadata_fill has no value for an unknown {name}. Add one."
                )

    def _check_columns(self) -> None:
        check_table("columns", self.columns)
        if len(self.columns) > _MOST_COLUMNS:
            raise ValueError(f"columns must be at most {_MOST_COLUMNS:,}.")
        names = {one for column in self.columns for one in inputs_of(column)}
        if len(names) < 2 * len(self.columns):  # `a` and `a_known`
            raise ValueError("two of columns have an input of one name. Rename one.")
        for column, standard in self.columns.items():
            refuse_meaning(column)
            check_table(f"columns: {column}", standard)
            if not standard:
                continue
            if standard.keys() != {"median", "scale"}:
                raise ValueError(
                    f"columns: {shown(column)} must have a median and a scale, or "
                    "nothing."
                )
            check_number(
                f"the median of {column}", standard["median"], -_LARGEST, _LARGEST
            )
            check_number(
                f"the scale of {column}", standard["scale"], 0, _LARGEST, above=True
            )


def reads_of(several: Iterable[Preprocessing]) -> dict[str, Any]:
    """What reading data for several models needs of them, as `Preprocessing.reads`."""
    learned: dict[str, Passband] = {}
    columns: dict[str, None] = {}
    for reads in (one.reads for one in several):
        learned |= reads["learned"]
        columns |= dict.fromkeys(reads["columns"])
    return {"learned": learned, "columns": (*columns,)}


def inputs_of(column: str) -> tuple[str, str]:
    """The two inputs of a column: its value, and whether it is known."""
    return column, f"{column}_known"


def refuse_meaning(column: str) -> None:
    """Raise ValueError for a column that means something else already."""
    if column in _NAMES or not {*inputs_of(column)}.isdisjoint(METADATA_INPUTS):
        raise ValueError(
            f"the column {column!r} has a meaning of its own and cannot be a further "
            "input of the metadata. Leave it out, or rename it."
        )
