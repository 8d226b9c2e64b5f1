"""`zoo-cli transfer --survey`: simulate a survey file and adapt a model to it."""

from typing import TYPE_CHECKING, Any

import typer

from zoo.cli.learn.described import adaptation
from zoo.system.progress import steps

if TYPE_CHECKING:
    from zoo.hub.find import Found
    from zoo.light_curves.ragged import LightCurves
    from zoo.training.outcome import Outcome


def refuse_without_labels(survey: str | None, given: dict[str, bool]) -> None:
    """Refuse a command without --data that has no survey, or options for labels.

    Args:
        survey: of the command.
        given: whether each option that is for labels was given.

    Raises:
        typer.BadParameter: as said.
    """
    if survey is None:
        raise typer.BadParameter(
            "give labelled light curves, or a --survey to adapt the model to.",
            param_hint="--data",
        )
    for option, used in given.items():
        if used:
            raise typer.BadParameter("needs --data.", param_hint=option)


def adapt(
    found: "Found", target: str, survey: str, objects: int, **options: Any
) -> "tuple[Outcome, list[str]]":
    """Adapt a model without labels.

    Args:
        found: the model.
        target: name of the user's survey.
        survey: a survey file.
        objects: number to simulate.
        options: of `zoo.adapt.adapt_model`.

    Returns:
        What came out, and lines to print.
    """
    simulated, name = _simulate(survey, objects, options["seed"])
    from zoo.adapt import adapt_model

    outcome = adapt_model(found, target, simulated, name=name, **options)
    return outcome, [
        "no label was used: these are scores of simulated light curves",
        "on real ones adapting can help or cost a little; with labels (--data) it is "
        "kept only where it predicts them better",
    ]


def adapt_and_transfer(
    found: "Found",
    target: str,
    light_curves: "LightCurves",
    survey: str,
    objects: int,
    **options: Any,
) -> "tuple[Outcome, list[str], str]":
    """Adapt a model, and transfer it with labels.

    Args:
        found, target, survey, objects: as for `adapt`.
        light_curves: with the labels.
        options: of `zoo.adapt.transfer_adapted`.

    Returns:
        What came out, lines to print, and what to call the start of the transfer.
    """
    simulated, name = _simulate(survey, objects, options["seed"])
    from zoo.adapt import transfer_adapted

    adapted = transfer_adapted(
        *(found, target, light_curves, simulated), survey_name=name, **options
    )
    start = f"{found.name}, adapted," if adapted.kept else found.name
    return adapted.outcome, adaptation(adapted, found.name, name), start


def _simulate(survey: str, objects: int, seed: int) -> "tuple[LightCurves, str]":
    """The light curves of a survey file, and what to call them."""
    from zoo.datasets.simulated import simulate, simulated_name
    from zoo.datasets.survey_files import read_survey

    file = read_survey(survey)
    name = simulated_name(file, objects, seed)
    with steps(f"simulating {name}"):
        return simulate(file, objects=objects, seed=seed), name
