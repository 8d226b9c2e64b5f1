"""`zoo-cli classify`: class probabilities of any number of light curves, in a file.

Keras is not imported.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from zoo.cli.shell import completion
from zoo.cli.shell.arguments import KeepAllPassbands, Model, Overwrite, open_parts
from zoo.cli.shell.read_options import reads_data
from zoo.cli.shell.terminal import say
from zoo.system.atomic import new_file, refuse_existing

if TYPE_CHECKING:
    import pandas as pd

    from zoo.light_curves.photometry import ReadOptions


@reads_data
def classify(
    model: Model,
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT...",
            help="Light-curve tables (folders or files), or files of a survey or "
            "broker: alert packets, SNANA, exports. The format is detected.",
            autocompletion=completion.inputs,
        ),
    ],
    out: Annotated[Path, typer.Option(help="Table to write: .parquet or .csv.")],
    novelty: Annotated[
        bool,
        typer.Option(
            "--novelty",
            help="Add a column: how different the object is from the classes; 0 is "
            "ordinary.",
        ),
    ] = False,
    trust: Annotated[
        bool,
        typer.Option(
            "--trust",
            help="Add a column: ok, or why not to trust the probabilities: flux, "
            "passbands, redshift, window or novel.",
        ),
    ] = False,
    keep_all_passbands: KeepAllPassbands = False,
    overwrite: Overwrite = False,
    runner: Annotated[
        str | None,
        typer.Option(
            help="Classify on Apache Beam, with the same result: DirectRunner, "
            "FlinkRunner, SparkRunner, DataflowRunner, ..."
        ),
    ] = None,
    runner_option: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE", help="Option of the Beam pipeline; may be repeated."
        ),
    ] = None,
    *,
    options: "ReadOptions",
) -> None:
    """Write the class probabilities of light curves to a table, one row per object.

    Objects without a trigger stay in the table, empty, with a `reason`. Files of any
    size are read part by part. OMP_NUM_THREADS limits the number of cores.

    Example: zoo-cli classify ztfsims-gru my_table --out probabilities.parquet

    Example: zoo-cli classify ztfsims-gru *.avro --out probabilities.csv

    Example: zoo-cli classify ztfsims-gru my_table --out p.parquet --runner FlinkRunner
    --runner-option flink_master=host:8081 --runner-option temp_location=/shared/tmp
    """
    if runner_option and runner is None:
        raise typer.BadParameter("needs --runner.", param_hint="--runner-option")
    if out.suffix not in (".parquet", ".csv"):
        raise typer.BadParameter("must end in .parquet or .csv.", param_hint="--out")
    if out.is_dir() or not out.parent.is_dir():
        raise ValueError(
            f"{out} cannot be written: it must name a file in a folder that exists."
        )
    refuse_existing(out, overwrite)
    from zoo.inference.parts import classify_parts
    from zoo.inference.runtime import Runtime
    from zoo.inference.tally import Tally
    from zoo.light_curves.parts import InOrder
    from zoo.system.progress import bar

    runtime, tally = Runtime.of(model, keep_all_passbands=keep_all_passbands), Tally()
    sources, rows = open_parts(inputs, options, runtime.preset, out.parent)
    order = InOrder()
    parts = order.noted(sources)
    with _table_file(out) as write, bar("observations", rows) as advance:
        if runner is None:
            tables = classify_parts(
                runtime, parts, tally, novelty=novelty, trust=trust, advance=advance
            )
        else:
            from zoo.beam.pipeline import classify_parts_on

            tables = classify_parts_on(
                runner,
                model,
                parts,
                tally,
                options=runner_option or (),
                scratch=out.parent,
                novelty=novelty,
                trust=trust,
                keep_all_passbands=keep_all_passbands,
                advance=advance,
            )
        for table in order.sort(tables):
            write(table.reset_index())
        tally.announce(runtime, strict=True)
    say(f"{out}: {tally.objects} objects")


@contextmanager
def _table_file(path: Path) -> Iterator[Callable[["pd.DataFrame"], None]]:
    """Append tables to a file, which appears under its name once it is complete."""
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet as pq

    kind = pq.ParquetWriter if path.suffix == ".parquet" else pa.csv.CSVWriter
    with new_file(path) as part, ExitStack() as stack:
        writer: Any = None

        def write(table: "pd.DataFrame") -> None:
            nonlocal writer
            rows = pa.Table.from_pandas(table, preserve_index=False)
            with _naming(path):
                if writer is None:
                    writer = kind(str(part), rows.schema)
                    stack.callback(_close, writer)
                writer.write_table(rows)

        yield write
        with _naming(path):
            writer.close()


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Name in errors the file that the user asked for, not the temporary one."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise OSError(f"{path} cannot be written: {reason}.") from None


def _close(writer: Any) -> None:
    """Close a file that is to be removed: on a full disk, closing fails once more."""
    with suppress(OSError):
        writer.close()
