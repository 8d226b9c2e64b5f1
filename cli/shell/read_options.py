"""The options of every command that reads a user's data."""

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoo.cli.shell.arguments import data_given

if TYPE_CHECKING:
    from zoo.light_curves.photometry import ReadOptions

_OPTIONS = {
    "zeropoint": Annotated[
        float | None, typer.Option(help="AB zero point of the fluxes: 31.4 for nJy.")
    ],
    "passbands": Annotated[
        Path | None,
        typer.Option(help="TOML file with the wavelengths of your passbands."),
    ],
    "bands": Annotated[
        str | None,
        typer.Option(help="What the names in the data stand for: g=desg,r=desr."),
    ],
    "format": Annotated[
        str | None,
        typer.Option(help="Format of the files, where it is not recognised."),
    ],
}


def reads_data(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command these options.

    It gets a `ReadOptions` as `options`; and where it has a parameter `reading`, what
    was given, as others can repeat it.
    """
    signature = inspect.signature(command)
    made = {"options", "reading"} & signature.parameters.keys()
    own = [p for p in signature.parameters.values() if p.name not in made]
    added = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=option
        )
        for name, option in _OPTIONS.items()
    ]

    @wraps(command)
    def with_options(*arguments: Any, **others: Any) -> None:
        given = {name: others.pop(name, None) for name in _OPTIONS}
        others["options"] = _read_options(**given)
        if "reading" in made:
            others["reading"] = _repeatable(**given)
        command(*arguments, **others)

    # Typer reads both.
    hints = {**command.__annotations__, **_OPTIONS}
    with_options.__annotations__ = {n: h for n, h in hints.items() if n not in made}
    with_options.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*own, *added]
    )
    return with_options


def _repeatable(passbands: Path | None, **others: Any) -> dict[str, Any]:
    file = None if passbands is None else data_given(str(passbands))
    return {"passbands": file, **others}


def _read_options(
    zeropoint: float | None,
    passbands: Path | None,
    bands: str | None,
    format: str | None,
) -> "ReadOptions":
    """Check what was given.

    Raises:
        typer.BadParameter: `bands` is not NAME=PASSBAND,... or a passband is not known.
        ValueError: the file of passbands cannot be read.
    """
    from zoo.light_curves.photometry import ReadOptions
    from zoo.passbands import find, near, read_passbands

    known = {} if passbands is None else read_passbands(passbands)
    meant = {}
    for pair in bands.split(",") if bands is not None else ():
        name, equals, target = (part.strip() for part in pair.partition("="))
        if not name or not equals or not target:
            raise typer.BadParameter(
                f"{pair!r} is not NAME=PASSBAND, such as g=desg.", param_hint="--bands"
            )
        if name in meant:
            raise typer.BadParameter(
                f"{name!r} is given twice. Say once what it stands for.",
                param_hint="--bands",
            )
        passband = known.get(target) or find(target)
        if passband is None:
            alike = ", ".join(near(target)) or "none"
            raise typer.BadParameter(
                f"passband {target!r} is not known (similar: {alike}). Describe it in "
                "a file for --passbands.",
                param_hint="--bands",
            )
        meant[name] = passband
    return ReadOptions(zeropoint, {**known, **meant}, format=format)
