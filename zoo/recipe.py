"""How a network is trained: the numbers of a recipe, and six recipes."""

import math
from dataclasses import dataclass, replace
from numbers import Integral, Real

from zoo.spelling import did_you_mean

BALANCES = ("classes", "families", "roots")

_LEAST = {"epochs": 1, "patience": 0, "batch_size": 1, "prefixes": 0, "folds": 0}
_POSITIVE = ("learning_rate", "snia_weight")
_SHARES = (
    *("metadata_dropout", "photometric_redshifts", "redshift_outliers"),
    *("truncation", "thinning"),
)
_SWITCHES = ("anneal", "calibrate")


@dataclass(frozen=True)
class Recipe:
    """The numbers of a training run.

    Metadata dropout, photometric redshifts, truncation and thinning vary the light
    curves at random in every epoch, see `zoo.training.epochs.augment`.

    Attributes:
        epochs: maximum number of epochs.
        patience: stop after this number of epochs in which the validation loss has not
            fallen by 1e-3, and keep the best weights; None: run all epochs and keep
            the last weights.
        batch_size: objects per step.
        learning_rate: of the optimizer: Adam, unless the model was compiled with
            another one.
        anneal: let the learning rate fall to zero along half a cosine, epoch by epoch.
        balance: what has equal weight in the loss: every class (`classes`), or every
            class of the coarse taxonomy together with its finer ones (`families`); with
            `roots` a class weighs as the square root of its number of objects. It is
            the mix of classes that the probabilities assume, unless there is a `prior`.
        prior: the balance in whose mix of classes some imagined objects are added to
            the labels after training, see `zoo.training.labels.prior`: with folds in
            proportion to the way, and not where nothing judges it. None: none are.
        snia_weight: weight of SNe Ia relative to any other family, with `families` as
            the balance or the prior; 1 with any other, which would not use it.
        metadata_dropout: chance, from 0 to 1, that the redshift of an object is hidden,
            and independently its mwebv and each further column of its metadata, so that
            one model works with and without them.
        photometric_redshifts: chance that an exact redshift becomes a photometric one,
            scattered by an error, which a model with the input `redshift_err` sees.
        redshift_scatter: least and largest s of the errors s (1 + z) of these.
        redshift_outliers: share of these that have the redshift of another object.
        truncation: chance that a light curve ends early, at any row from the trigger
            on, as it does while the object is still observed.
        thinning: largest share of its rows that a light curve loses; each draws its
            own share, from 0 to this.
        prefixes: number of earlier moments of each light curve, drawn anew in every
            epoch, at which the network learns the same label, besides its end; see
            `zoo.training.epochs.augment.draw_ends`.
        calibrate: fit a temperature on the validation part, and on the folds where
            there are any, see `zoo.training.calibration`.
        folds: number of parts of the labels that are left out in turn, to decide how
            far to go from the weights at the start to the mean of the trained ones (see
            `zoo.training.interpolate`); 0: one training, all the way.

    Raises:
        ValueError: a value is not allowed.

    Example:
        >>> Recipe(balance="clases")
        Traceback (most recent call last):
        ValueError: recipe: balance 'clases' is not known. Did you mean 'classes'? \
Choose one of classes, families, roots.
    """

    epochs: int = 40
    patience: int | None = 5
    batch_size: int = 128
    learning_rate: float = 1e-3
    anneal: bool = False
    balance: str = "classes"
    prior: str | None = None
    snia_weight: float = 1.0
    metadata_dropout: float = 0.5
    photometric_redshifts: float = 0.0
    # From the best galaxies (0.013, Zhou et al. 2021, MNRAS 501, 3309) to faint ones.
    redshift_scatter: tuple[float, float] = (0.01, 0.2)
    redshift_outliers: float = 0.0
    truncation: float = 0.0
    thinning: float = 0.0
    prefixes: int = 0
    calibrate: bool = False
    folds: int = 0

    def __post_init__(self) -> None:
        for name, least in _LEAST.items():
            value = getattr(self, name)
            if not (_is_whole(value) and value >= least) and not (
                name == "patience" and value is None
            ):
                rest = ", or None" if name == "patience" else ""
                self._refuse(name, f"a whole number of at least {least}{rest}")
        for name in _POSITIVE:
            if not (_is_number(value := getattr(self, name)) and value > 0):
                self._refuse(name, "a number above 0")
        for name in _SHARES:
            if not (_is_number(value := getattr(self, name)) and 0 <= value <= 1):
                self._refuse(name, "a number from 0 to 1")
        self._check_redshifts()
        for name in _SWITCHES:
            if not isinstance(getattr(self, name), bool):
                self._refuse(name, "True or False")
        if self.balance not in BALANCES:
            raise ValueError(f"recipe: {_unknown('balance', self.balance, BALANCES)}")
        if self.prior is not None and self.prior not in BALANCES:
            raise ValueError(f"recipe: {_unknown('prior', self.prior, BALANCES)}")
        if self.folds == 1 or (self.folds and self.patience is not None):
            raise ValueError(
                f"recipe: folds is {self.folds}, with the patience {self.patience}. "
                "Choose two folds or more and a patience of None, because objects that "
                "stopped a training cannot judge it, or no folds (0)."
            )
        if self.snia_weight != 1 and "families" not in (self.balance, self.prior):
            raise ValueError(
                f"recipe: snia_weight {self.snia_weight:g} is for the balance or the "
                f"prior 'families', not {self.balance!r} and {self.prior!r}. Set one "
                "of these to 'families', or the weight to 1."
            )

    def _check_redshifts(self) -> None:
        scatter = self.redshift_scatter
        if not (
            isinstance(scatter, tuple)
            and len(scatter) == 2
            and all(map(_is_number, scatter))
            and 0 < scatter[0] <= scatter[1] <= 1
        ):
            self._refuse("redshift_scatter", "two numbers from above 0 to 1, in order")
        for name in ("redshift_scatter", "redshift_outliers"):
            default = type(self).__dataclass_fields__[name].default
            if not self.photometric_redshifts and getattr(self, name) != default:
                raise ValueError(
                    f"recipe: {name} is for photometric redshifts, of which there are "
                    "none. Set photometric_redshifts above 0."
                )

    def _refuse(self, name: str, allowed: str) -> None:
        raise ValueError(
            f"recipe: {name} is {getattr(self, name)!r}, but must be {allowed}."
        )


def recipe_called(name: str) -> Recipe:
    """The recipe of `RECIPES` with a name.

    Raises:
        ValueError: there is none.

    Example:
        >>> recipe_called("paper").batch_size
        128
    """
    if not isinstance(name, str) or name not in RECIPES:
        raise ValueError(_unknown("recipe", name, RECIPES))
    return RECIPES[name]


def _unknown(kind: str, name: object, known: tuple[str, ...] | dict) -> str:
    hint = did_you_mean(name, known)
    return f"{kind} {name!r} is not known.{hint} Choose one of {', '.join(known)}."


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    real = isinstance(value, Real) and not isinstance(value, bool)
    try:
        return real and math.isfinite(value)  # type: ignore[arg-type]
    except OverflowError:  # a whole number that no float can hold
        return False


# A magnitude-limited sample holds 2.6 SNe Ia for every other supernova (72 %, Fremling
# et al. 2020, ApJ 895, 32): even odds would predict a rarer class for too many of them,
# the sky's own odds a rare class for too few objects.
_SNIA_WEIGHT = 2.0

_ZOO = Recipe(
    learning_rate=5e-3,
    anneal=True,
    balance="families",
    snia_weight=_SNIA_WEIGHT,
    thinning=0.3,
    prefixes=4,
)

RECIPES = {
    "paper": Recipe(),
    "zoo": _ZOO,
    # Spectra are rare: most redshifts of a survey such as LSST are photometric, a tenth
    # of them outliers at most (LSST DESC 2018, arXiv:1809.01669, section 4).
    "photometric": replace(_ZOO, photometric_redshifts=0.7, redshift_outliers=0.1),
    "transfer": Recipe(
        epochs=30,
        patience=None,
        batch_size=64,
        anneal=True,
        balance="roots",
        # As the zoo's bases: a few labels say how a rare class looks, not how rare it
        # is.
        prior="families",
        snia_weight=_SNIA_WEIGHT,
        thinning=0.3,
        prefixes=4,
        calibrate=True,
        folds=5,
    ),
    "adapt": replace(_ZOO, epochs=4, patience=None, learning_rate=1e-3),
    "scratch": Recipe(
        epochs=100,
        patience=20,
        batch_size=64,
        learning_rate=2e-3,
        balance="roots",
        truncation=0.3,
        thinning=0.3,
        calibrate=True,
    ),
}
"""`paper`: arXiv 2502.18558 and its code, except the metadata dropout, which is ours.
`zoo`: for the base models of the zoo; `benchmarks/README.md` says what is known of the
gain of its parts.
`photometric`: the same for base models that are to take photometric redshifts: together
with the metadata dropout, of 20 objects 10 have no redshift, 3 an exact and 7 a
photometric one.
`transfer`: for a transferred model, which learns the labels of its target, and that at
four earlier moments of each light curve too. On real ZTF light curves this is worth
0.02 to 0.06 in the AUROC of SNe Ia after 2, 5 and 10 days, against light curves cut
short at random, and nothing is lost at their end (`benchmarks/early.py`). It goes as
far from the base as the labels show to help, and assumes a mix of classes between that
of the labels and that of the bases (`benchmarks/labels.py`).
`adapt`: for a base that learns a simulated survey before the first label: few epochs
at a fifth of the learning rate of a base, whose weights it is to keep.
`scratch`: for the same network without a base, given the time it needs, and without the
earlier moments, which it is better without at the end of light curves; the comparison
that led to both is in `benchmarks/README.md`."""
