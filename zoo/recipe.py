"""How a network is trained: the numbers of a recipe, and two recipes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """The numbers of a training run.

    The last three vary the light curves anew in every epoch, see `zoo.augment`.

    Attributes:
        batch_size: objects per step.
        learning_rate: of Adam, where `zoo.fit` compiles the model.
        anneal: let the learning rate fall to zero along half a cosine, epoch by epoch.
        balance: what weighs the same in the loss: every class (`classes`), or every
            class of the coarse taxonomy together with its finer ones (`families`). It
            sets the prior of the probabilities.
        snia_weight: how many times as much as another family SNe Ia weigh, where
            families are balanced.
        metadata_dropout: chance that redshift, and likewise mwebv, of an object is
            hidden, so that one model serves with and without them.
        truncation: chance that a light curve ends early, at any row from the trigger
            on, as it does while the object is still observed.
        thinning: largest share of its rows that a light curve loses; each draws its
            own, from 0 to this.
    """

    batch_size: int = 128
    learning_rate: float = 1e-3
    anneal: bool = False
    balance: str = "classes"
    snia_weight: float = 1.0
    metadata_dropout: float = 0.5
    truncation: float = 0.0
    thinning: float = 0.0


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
}
"""`paper`: arXiv 2502.18558 and its code, but for the metadata dropout, which is ours.
`zoo`: what the base models of the zoo are trained with; `benchmarks/README.md` says
what is known of the gain of its parts."""
