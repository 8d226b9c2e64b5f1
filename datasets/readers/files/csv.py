"""CSV files, as Kaggle, brokers and spreadsheets write them."""

import io
from itertools import dropwhile
from typing import TYPE_CHECKING, Any

from zoo.datasets.readers.files.text import NotText

if TYPE_CHECKING:
    import pandas as pd


def columns(head: str) -> frozenset[str]:
    """Names of the columns, from the first lines; comments may precede them.

    Raises:
        NotText: there is no line with names separated by commas.
    """
    import pandas as pd

    lines = dropwhile(lambda line: line[:1] in "#\r\n", head.splitlines(keepends=True))
    head = "".join(lines)
    try:
        names = pd.read_csv(io.StringIO(head), nrows=0, skipinitialspace=True).columns
    except ValueError as error:
        raise NotText(
            f"cannot be read as CSV: {str(error).strip()}. Give a table with the names "
            "of the columns in its first line."
        ) from error
    return frozenset(str(name).strip() for name in names)


def read(file: Any, name: str, **options: Any) -> "pd.DataFrame":
    """`pandas.read_csv`, with one sentence for every kind of damage.

    Raises:
        ValueError: the file is damaged.
    """
    import pandas as pd

    try:
        table = pd.read_csv(file, skipinitialspace=True, low_memory=False, **options)
    except (ValueError, OSError, EOFError) as error:
        raise ValueError(
            f"{name} cannot be read as CSV: {str(error).strip()}. Download it again."
        ) from error
    return table.rename(columns=lambda column: str(column).strip())
