"""How far the simulation is spread beyond its best guess, to help transfer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Randomisation:
    """Deliberate variety, drawn once per object.

    A classifier trained on a simulation wider than the sky does better on the sky than
    one trained on a narrow one; the numbers were chosen by comparing simulated with
    real noise, cadence and light-curve shapes, not by a classification score.

    Attributes:
        spread: factor on the ln-sigma of every shape and temperature.
        dropout: largest share of lost nights; each object draws its own, from 0 to
            this.
        band_dropout: chance that an object was never observed in a passband; one is
            always left.
        error_inflation: smallest and largest factor on the sky noise.
        calibration: scatter of the zero point of each passband, mag.
        residual: scatter of the smooth difference between a real light curve and the
            model, mag.
        short_history: where years are simulated, share of the objects of which only the
            last days to months before the trigger are known, as alerts hold them.
    """

    spread: float = 1.25
    dropout: float = 0.6
    band_dropout: float = 0.05
    error_inflation: tuple[float, float] = (0.9, 1.5)
    calibration: float = 0.02
    residual: float = 0.08
    short_history: float = 0.3


PLAIN = Randomisation(
    spread=1.0,
    dropout=0.0,
    band_dropout=0.0,
    error_inflation=(1.0, 1.0),
    calibration=0.01,
    residual=0.04,
    short_history=0.0,
)
"""The simulator's best guess of the sky, to compare with real data: no deliberate
variety. Zero points of ZTF scatter by 1 % (Masci et al. 2019, PASP 131 018003); with
the residual the decline of SNe Ia scatters as in the Bright Transient Survey."""
