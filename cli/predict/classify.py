"""`zoo-cli classify`: class probabilities of light curves, of any number, in a file.

Keras is not imported: the network runs in ONNX Runtime.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoo.cli.shell import completion
from zoo.cli.shell.arguments import Model, open_parts

if TYPE_CHECKING:
    import pandas as pd

    from zoo.light_curves.parts import Part


def classify(
    model: Model,
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT...",
            help="Light-curve tables (folder or file), or files of a survey or broker: "
            "alert packets, SNANA, exports. The format is detected.",
            autocompletion=completion.inputs,
        ),
    ],
    out: Annotated[Path, typer.Option(help="Table to write: .parquet or .csv.")],
    zeropoint: Annotated[
        float | None, typer.Option(help="AB zero point of the fluxes: 31.4 for nJy.")
    ] = None,
    novelty: Annotated[
        bool,
        typer.Option(
            "--novelty", help="Add a column: how unlike the known classes; 0 is usual."
        ),
    ] = False,
    runner: Annotated[
        str | None,
        typer.Option(
            help="Classify on Apache Beam: DirectRunner, FlinkRunner, SparkRunner, "
            "DataflowRunner, ... The result is the same."
        ),
    ] = None,
    runner_option: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY=VALUE", help="Of the pipeline; may be repeated."),
    ] = None,
) -> None:
    """Write the class probabilities of light curves, one row per object.

    A file of any size is read part by part. OMP_NUM_THREADS limits the cores.

    Example: zoo-cli classify ztfsims-gru my_table --out probabilities.parquet

    Example: zoo-cli classify ztfsims-gru *.avro --out probabilities.csv

    Example: zoo-cli classify ztfsims-gru my_table --out p.parquet --runner FlinkRunner
    --runner-option flink_master=host:8081 --runner-option temp_location=/shared/tmp
    """
    if runner_option and runner is None:
        raise typer.BadParameter("is for --runner.", param_hint="--runner-option")
    if out.suffix not in (".parquet", ".csv"):
        raise typer.BadParameter("must end in .parquet or .csv.", param_hint="--out")
    if out.is_dir() or not out.parent.is_dir():
        raise ValueError(
            f"{out} cannot be written: it must name a file in a folder that exists."
        )
    from zoo.cli.shell.progress import bar
    from zoo.inference.parts import Tally, classify_parts
    from zoo.inference.runtime import Runtime
    from zoo.light_curves.parts import InOrder

    runtime, tally = Runtime.load(model), Tally()
    sources, rows = open_parts(inputs, zeropoint, out.parent)
    order = InOrder()
    parts = _different([order.noted(source) for source in sources])
    with _written(out) as write, bar("observations", rows) as advance:
        if runner is None:
            tables = classify_parts(
                runtime, parts, tally, novelty=novelty, advance=advance
            )
        else:
            from zoo.beam import classify_parts_on

            tables = classify_parts_on(
                runner,
                model,
                parts,
                tally,
                options=runner_option or (),
                scratch=out.parent,
                novelty=novelty,
                advance=advance,
            )
        for table in order.sort(tables):
            write(table.reset_index())
        tally.announce(runtime)
    typer.echo(f"{out}: {tally.objects} objects")


def _different(sources: Sequence[Iterable["Part"]]) -> Iterator["Part"]:
    """The parts of all sources, whose objects must differ."""
    if len(sources) == 1:  # nothing to compare with: no need to remember every id
        yield from sources[0]
        return
    known: set[str] = set()
    for source in sources:
        here: set[str] = set()
        for part in source:
            ids = part.light_curves.object_id
            twice = next((name for name in ids if name in known), None)
            if twice is not None:
                raise ValueError(
                    f"object {twice!r} occurs in two of the inputs. Give each object "
                    "once."
                )
            here.update(ids)
            yield part
        known |= here


@contextmanager
def _written(path: Path) -> Iterator[Callable[["pd.DataFrame"], None]]:
    """Append tables to a file, which gets its name when all is well."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet as pq

    # Another command may write the same file: the last to end has its way.
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    kind = pq.ParquetWriter if path.suffix == ".parquet" else pa.csv.CSVWriter
    with ExitStack() as stack:
        stack.callback(aside.unlink, missing_ok=True)
        file: list[Any] = []

        def write(table: "pd.DataFrame") -> None:
            rows = pa.Table.from_pandas(table, preserve_index=False)
            with _named(path):
                if not file:
                    file.append(kind(str(aside), rows.schema))
                    stack.callback(_close, file[0])
                file[0].write_table(rows)

        yield write
        with _named(path):
            file[0].close()
            aside.replace(path)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Say which file cannot be written: not the one that is written aside."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OSError(f"{path} cannot be written: {reason}.") from None


def _close(file: Any) -> None:
    """Close a file that is to be removed: a full disk is an error here once more."""
    with suppress(OSError):
        file.close()
