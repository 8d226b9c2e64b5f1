"""`zoo-cli explore`: a page to look at a model and a data set.

Keras is not imported.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zoo.cli.shell.arguments import (
    Classes,
    Data,
    IncludeTraining,
    KeepAllPassbands,
    Model,
    NoMetadata,
    Overwrite,
    Taxonomy,
    Where,
    check_where,
)
from zoo.cli.shell.read_options import reads_data
from zoo.cli.shell.terminal import say
from zoo.system.atomic import refuse_existing

if TYPE_CHECKING:
    from zoo.light_curves.photometry import ReadOptions


@reads_data
def explore(
    model: Model,
    data: Data,
    out: Annotated[Path, typer.Option(help="HTML file to write.")] = Path(
        "explore.html"
    ),
    objects: Annotated[
        int, typer.Option(min=1, help="Maximum number of objects, drawn at random.")
    ] = 500,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draw.")] = 0,
    taxonomy: Taxonomy = None,
    classes: Classes = None,
    no_metadata: NoMetadata = False,
    where: Where = None,
    include_training: IncludeTraining = False,
    keep_all_passbands: KeepAllPassbands = False,
    overwrite: Overwrite = False,
    *,
    options: "ReadOptions",
) -> None:
    """Write one HTML file to explore a model and a data set in a browser.

    It shows light curves, the probabilities of the classes as points arrive, a map of
    the latent layer and, for labelled data, a confusion matrix to click through. The
    file needs no network, so it can be mailed. It has the objects that `evaluate` uses.

    Example: zoo-cli explore ztfsims-gru --data my_table --out my_table.html
    """
    if taxonomy is not None and classes is not None:
        raise typer.BadParameter("give either --taxonomy or --classes, not both.")
    check_where(where)
    if out.suffix not in (".html", ".htm"):
        raise typer.BadParameter("must end in .html.", param_hint="--out")
    if out.is_dir() or not out.parent.is_dir():
        raise ValueError(
            f"{out} cannot be written: it must name a file in a folder that exists."
        )
    refuse_existing(out, overwrite)
    from zoo.cli.shell.arguments import data_name, read_data
    from zoo.explore import write_page
    from zoo.hub.find import find
    from zoo.inference.runtime import Runtime
    from zoo.system.progress import bar

    found = find(model)
    split = None if include_training else "test"
    light_curves = read_data(data, options, split=split, models=[found.folder.preset])
    if where is not None:
        light_curves = light_curves.where(where)
    if not include_training:
        light_curves = light_curves.without(Runtime.of(found).seen())
    if not len(light_curves):
        raise ValueError(
            f"{model} was trained on every object of {data}. Give --include-training "
            "to look at them."
        )
    if no_metadata:
        light_curves = light_curves.without_metadata(
            found.folder.preset.preprocessing.columns
        )

    shown = min(objects, len(light_curves))
    with bar("objects", shown) as advance:
        write_page(
            Runtime.of(found, keep_all_passbands=keep_all_passbands),
            light_curves,
            out,
            taxonomy=taxonomy,
            classes=classes,
            objects=objects,
            seed=seed,
            name=data_name(data),
            advance=advance,
        )
    size = out.stat().st_size / 1e6
    say(f"{out}: {shown} of {len(light_curves)} objects, {size:.1f} MB")
