"""The parameters of the preprocessing, which travel with the weights."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from zoo.inputs.features import FEATURES
from zoo.passbands import PASSBANDS, ZTF_AND_LSST, Passband, make


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
        metadata: inputs of the metadata branch: names of scalars, and `NAME_known`
            for whether one is known; empty for a light-curve-only model.
        metadata_fill: value that stands in for an unknown scalar.
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

    @property
    def own_passbands(self) -> dict[str, Passband]:
        """Passbands of users that the model was trained on, by name."""
        return {
            name: make(name, wavelength=wavelength)
            for name, wavelength in self.wavelengths.items()
            if name not in PASSBANDS
        }

    def __post_init__(self) -> None:
        if self.features not in FEATURES:
            raise ValueError(
                f"features {self.features!r} are not known. Choose one of "
                f"{', '.join(FEATURES)}."
            )
        for name, wavelength in self.wavelengths.items():
            if not isinstance(wavelength, int | float):
                raise ValueError(
                    f"the wavelength of passband {name!r} is {wavelength!r}, no number."
                )
            make(name, wavelength=wavelength)
        for name in self.passbands:
            if name not in self.wavelengths and name not in PASSBANDS:
                raise ValueError(f"the wavelength of passband {name!r} is missing.")
        if not self.wavelength_margin >= 0:
            raise ValueError(
                f"wavelength_margin is {self.wavelength_margin}; it must be 0 or more."
            )
