"""`zoo-cli drift`: whether what a model predicts has changed, without labels.

Keras is not imported.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.shell.terminal import add, say, say_json, show, table

if TYPE_CHECKING:
    import pandas as pd

_HELP = "Table of `zoo-cli classify` or of a stream: .parquet or .csv."


def drift(
    before: Annotated[
        Path, typer.Argument(help=f"What the model predicted earlier. {_HELP}")
    ],
    now: Annotated[
        Path, typer.Argument(help="What it predicts now, of other objects.")
    ],
    alarms: Annotated[
        float,
        typer.Option(
            min=0,
            max=1,
            help="Share of comparisons with an alarm where nothing has changed.",
        ),
    ] = 0.01,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Compare what a model predicts now with what it predicted before.

    Compares the means of the highest probability, of each class, and of the columns
    `novelty` and `trust` where both tables have them. No labels are needed: a change
    tells that the objects or their data differ, not that predictions are wrong.

    Example: zoo-cli drift january.parquet february.parquet
    """
    from zoo.stream.drift import drift as compare

    result = compare(_read(before), _read(now), alarms=alarms)
    if as_json:
        figures = result.to_dict(orient="index")
        say_json({"drifted": bool(result["drifted"].any()), "figures": figures})
    else:
        _print(result)


def _read(path: Path) -> "pd.DataFrame":
    from zoo.light_curves.columns import require_columns
    from zoo.light_curves.sources.files import read_frame

    if not path.is_file():
        raise FileNotFoundError(
            f"{str(path)!r} is not a file. Give a table that `zoo-cli classify` wrote."
        )
    frame = read_frame(path)
    if frame.index.name is not None:  # a table of `zoo.classify`, written by pandas
        frame = frame.reset_index()
    require_columns(frame, ("object_id",), str(path))
    return frame


def _print(result: "pd.DataFrame") -> None:
    shown = table("figure", "before", "now", "interval of the difference", "drifted")
    for name, before, now, low, high, drifted in result.itertuples():
        ends = f"{low:+.3f} to {high:+.3f}"
        add(shown, name, f"{before:.3f}", f"{now:.3f}", ends, "yes" if drifted else "")
    show(shown)
    names = ", ".join(result.index[result["drifted"]])
    say(f"drifted: {names}" if names else "nothing has drifted")
