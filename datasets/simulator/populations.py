"""The populations of transients, read from `populations.toml`."""

from dataclasses import dataclass
from functools import cache

from zoo.datasets.simulator.surveys import read_toml

Spread = tuple[float, float]
"""Median and ln-sigma of a log-normal quantity."""


@dataclass(frozen=True)
class LongTerm:
    """What a class does in the years around its peak; fluxes are relative to the peak.

    Attributes:
        reference: where the numbers come from.
        late: share of the objects with a late component, and median and ln-sigma of its
            flux.
        late_days: its e-folding time at the start, rest-frame days.
        late_index: lowest and highest index n of its decline, (1 + t / (n days))^-n,
            which for large n is exponential, as of 56Co.
        late_colour: mean and sigma of its colour compared with that of the peak, mag
            per unit ln(wavelength); above 0 is bluer.
        precursors: mean number before the peak.
        precursor_flux: lowest and highest, log-uniform.
        precursor_days: fewest and most rest-frame days before the peak, log-uniform.
        bumps: mean number of rebrightenings after the peak.
        bump_flux: lowest and highest, log-uniform.
        bump_days: fewest and most rest-frame days after the peak, log-uniform.
        active_hosts: share of the objects in a nucleus that varies.
    """

    reference: str = ""
    late: tuple[float, float, float] = (0.0, 0.0, 0.0)
    late_days: Spread = (100.0, 0.0)
    late_index: tuple[float, float] = (1.0, 1.0)
    late_colour: tuple[float, float] = (0.0, 0.0)
    precursors: float = 0.0
    precursor_flux: tuple[float, float] = (0.01, 0.1)
    precursor_days: tuple[float, float] = (20.0, 400.0)
    bumps: float = 0.02
    bump_flux: tuple[float, float] = (0.02, 0.3)
    bump_days: tuple[float, float] = (30.0, 500.0)
    active_hosts: float = 0.02


@dataclass(frozen=True)
class Population:
    """One class of transients.

    Attributes:
        label: canonical label (`zoo.labels`).
        model: the module that draws it: `explosion`, `snia`, `agn` or `ulens`.
        reference: where the numbers come from.
        bts_count: classified objects of the Bright Transient Survey (exports of 2021,
            3,374 objects); weighs the populations that share a coarser class.
        evolution: of the event rate, see `cosmology.rate_evolution`.
        redshift_max: upper end of the redshifts drawn.
        deeper: mag added to the magnitude limits of a survey that is not the BTS.
        magnitude: mean, sigma, bright and faint end of the truncated normal of the
            intrinsic peak AB magnitude at 0.62 um in the rest frame.
        rise: time scale of the rise, days.
        fall: time scale of the decline after the plateau, days.
        plateau: its length, days.
        plateau_drop: mean and sigma of the fraction of flux lost along it.
        power_law: whether the decline is (1 + t / fall)^(-5/3), as of a TDE, instead
            of exponential.
        tail: median fraction of the flux in the radioactive tail.
        hot: temperature before cooling, K.
        cool: temperature after cooling, K.
        cooling_start: middle of the cooling, days after the peak.
        cooling_width: time scale of the cooling, days.
        rewarming: relative rise of the temperature per day from 25 to 100 days after
            the peak; stripped-envelope supernovae are reddest at 20 to 30 days.
        blanketing: strength of the line blanketing at short wavelengths when hot,
            and by which factor more of it is added when cool.
        host_dust: mean of the exponential distribution of the host's A(V), mag.
        years: what else happens where years are simulated; not to AGN and uLens.
    """

    label: str
    model: str
    reference: str
    bts_count: int
    evolution: str = "constant"
    redshift_max: float = 3.0
    deeper: float = 0.0
    magnitude: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    rise: Spread = (1.0, 0.0)
    fall: Spread = (1.0, 0.0)
    plateau: Spread = (1.0, 0.0)
    plateau_drop: Spread = (0.0, 0.0)
    power_law: bool = False
    tail: float = 0.0
    hot: Spread = (1.0, 0.0)
    cool: Spread = (1.0, 0.0)
    cooling_start: float = 0.0
    cooling_width: Spread = (1.0, 0.0)
    rewarming: float = 0.0
    blanketing: tuple[float, float] = (0.0, 0.0)
    host_dust: float = 0.0
    years: LongTerm = LongTerm()


@cache
def populations() -> dict[str, Population]:
    """Every population by label, in the order of the file."""
    tables = read_toml("populations.toml")
    return {
        label: Population(
            **{"label": label, **row, "years": LongTerm(**row.get("years", {}))}
        )
        for label, row in tables.items()
    }
