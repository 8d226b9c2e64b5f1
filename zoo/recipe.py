"""How a network is trained: the numbers of a recipe, and two recipes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """The numbers of a training run.

    Metadata dropout, truncation and thinning vary the light curves anew in every epoch,
    see `zoo.training.augment`.

    Attributes:
        epochs: at most so many.
        patience: stop once the validation loss has not fallen by 1e-3 for so many
            epochs, and keep the best weights; None: run all epochs and keep the last.
        batch_size: objects per step.
        learning_rate: of Adam, where `zoo.fit` compiles the model.
        anneal: let the learning rate fall to zero along half a cosine, epoch by epoch.
        balance: what weighs the same in the loss: every class (`classes`), or every
            class of the coarse taxonomy together with its finer ones (`families`); or
            a class weighs as the square root of its number of objects (`roots`). It
            sets the prior of the probabilities.
        snia_weight: how many times as much as another family SNe Ia weigh, where
            families are balanced.
        metadata_dropout: chance that redshift, and likewise mwebv, of an object is
            hidden, so that one model serves with and without them.
        truncation: chance that a light curve ends early, at any row from the trigger
            on, as it does while the object is still observed.
        thinning: largest share of its rows that a light curve loses; each draws its
            own, from 0 to this.
        calibrate: fit a temperature on the validation part, see
        `zoo.training.calibration`.
    """

    epochs: int = 40
    patience: int | None = 5
    batch_size: int = 128
    learning_rate: float = 1e-3
    anneal: bool = False
    balance: str = "classes"
    snia_weight: float = 1.0
    metadata_dropout: float = 0.5
    truncation: float = 0.0
    thinning: float = 0.0
    calibrate: bool = False


RECIPES = {
    "paper": Recipe(),
    "zoo": Recipe(
        learning_rate=5e-3,
        anneal=True,
        balance="families",
        # A magnitude-limited sample holds 2.6 SNe Ia to each other supernova (72 %,
        # Fremling et al. 2020, ApJ 895, 32): even odds would call too many of them
        # something rarer, the sky's own odds too few objects something rare.
        snia_weight=2.0,
        truncation=0.3,
        thinning=0.3,
    ),
    "transfer": Recipe(
        epochs=30,
        patience=None,
        batch_size=64,
        anneal=True,
        balance="roots",
        truncation=0.3,
        thinning=0.3,
        calibrate=True,
    ),
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
"""`paper`: arXiv 2502.18558 and its code, but for the metadata dropout, which is ours.
`zoo`: what the base models of the zoo are trained with; `benchmarks/README.md` says
what is known of the gain of its parts.
`transfer`: what a transferred model learns the labels of its target with, and
`scratch`: the same network without a base, given the time it needs; the comparison that
led to both is in `benchmarks/README.md`."""
