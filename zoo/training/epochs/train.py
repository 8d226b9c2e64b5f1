"""The epochs of one training.

As in arXiv 2502.18558: early stopping on the validation loss, best weights restored.
"""

from zoo.classifier.installed import keras
from zoo.classifier.network import LightCurveNetwork
from zoo.recipe import Recipe
from zoo.system.quiet import only_errors
from zoo.training.epochs.batches import Batches
from zoo.training.epochs.callbacks import Anneal, Bar, Watch, ended
from zoo.training.epochs.compiled import is_standard, run_epochs
from zoo.training.epochs.start import has_schedule
from zoo.training.labels.labelled import Labelled

# arXiv 2502.18558 and its code.
MIN_DELTA = 1e-3


def train_epochs(
    model: LightCurveNetwork,
    batches: Batches,
    checks: Labelled,
    recipe: Recipe,
    progress: bool,
    fold: int | None,
) -> tuple[dict[str, list[float]], int]:
    """Run the epochs of a recipe.

    Args:
        model: compiled.
        batches: of the objects to train on.
        checks: those that the validation loss is of.
        recipe: its epochs, patience, batch size and learning rate.
        progress: show a progress bar.
        fold: number of the fold that is left out, for the bar; None: no fold is.

    Returns:
        `loss` and `val_loss` of each epoch, and the epoch whose weights were kept,
        counted from 1.

    Raises:
        ValueError: a loss is not finite.
    """
    stopping = keras.callbacks.EarlyStopping(
        monitor="val_loss",
        patience=recipe.patience or 0,
        min_delta=MIN_DELTA,
        restore_best_weights=True,
    )
    callbacks: list[keras.callbacks.Callback] = [Watch()]
    if recipe.patience is not None:
        callbacks.append(stopping)
    if recipe.anneal and not has_schedule(model.optimizer):
        callbacks.append(Anneal(recipe.epochs))
    if progress:
        callbacks.append(Bar(recipe.epochs, len(batches), fold))
    with ended(callbacks):
        if is_standard(model):
            history = run_epochs(model, batches, checks, recipe.epochs, callbacks)
        else:
            one_hot = checks.one_hot(len(model.preset.classes))
            with only_errors("tensorflow"):  # not that it traces each shape of a batch
                history = model.fit(
                    batches,
                    validation_data=Batches(
                        checks.inputs, one_hot, size=4 * recipe.batch_size
                    ),
                    epochs=recipe.epochs,
                    shuffle=False,
                    verbose=0,
                    callbacks=callbacks,
                ).history
    run_to_the_end = recipe.patience is None
    best = len(history["loss"]) if run_to_the_end else stopping.best_epoch + 1
    return history, best
