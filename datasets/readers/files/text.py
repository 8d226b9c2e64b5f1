"""Text files: their encoding, CSV, columns between spaces, JSON, and SNANA text, also
in tar files."""

import codecs
import io
import json
import re
import tarfile
from collections.abc import Iterator
from csv import Error as CSVError
from pathlib import Path
from typing import IO, Any

import pandas as pd

from zoo.datasets.readers.files.limits import Refused, readable
from zoo.light_curves.columns import refuse_twice
from zoo.light_curves.sources.csv import header, lines

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = "\ufeff"
_SNANA_KEYS = [
    re.compile(rf"^{key}:[ \t]*\S", re.MULTILINE) for key in ("SURVEY", "SNID")
]
_SERVICES = ({"forcediffimflux", "zpdiff", "jd"}, {"MJD", "uJy", "duJy"})
_ABOUT = ("meta", "links", "errors", "warnings")  # beside the data of an answer
_JSON = re.compile(r'\s*[\[{]\s*["\[{\]}]')  # of objects: no number may come first


class NotText(ValueError):
    """Why a file is not a text table; the message continues the name of the file."""


def decoded(head: bytes, *, whole: bool) -> str:
    """The first bytes of a file as text.

    Args:
        head: the bytes.
        whole: whether they are all of the file; else the last character may be cut.

    Raises:
        NotText: they are binary, blank, or in another encoding than UTF-8.
    """
    if head.startswith(_UTF16):
        raise NotText("is text in UTF-16. Save it as UTF-8.")
    if b"\x00" in head:
        start = " ".join(f"{byte:02x}" for byte in head[:4])
        hint = ""
        if head[0] == 0:  # as in Kafka streams, where the schema is sent apart
            hint = " If it is an Avro packet without its schema, `fastavro.writer` adds"
            hint += " that."
        raise NotText(
            f"is binary and of no known format; its first bytes are {start}.{hint} "
            "Give a file of a survey or broker."
        )
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head, whole)
    except UnicodeDecodeError as error:
        raise NotText(
            f"is not UTF-8: byte {head[error.start]:#04x} at {error.start:,}. Save it "
            "as UTF-8."
        ) from None
    if not text.removeprefix(_BOM).strip():
        raise NotText(f"starts with {len(head):,} blanks. Give a table.")
    return text.removeprefix(_BOM)


def csv_columns(head: str) -> frozenset[str]:
    """Names of the columns, from the first lines; comments may precede them.

    Raises:
        NotText: there is no line with names separated by commas.
    """
    try:
        return frozenset(header(lines(io.BytesIO(head.encode())))[1])
    except CSVError as error:
        reason = str(error)
        if not reason.endswith("."):  # without a remedy
            reason += ". Give a table with the names of the columns in its first line."
        raise NotText(f"cannot be read as CSV: {reason}") from error


def spaced_columns(head: str) -> frozenset[str]:
    """Names of the columns of a text of a forced photometry service, whose values stand
    between spaces; empty for any other text.

    The names may be commented, and have commas between them.
    """
    names: list[str] = []
    for line in head.splitlines():
        if found := _service(line):
            names = found
        elif names and line.strip() and not line.startswith("#"):
            first, *others = line.split()
            return frozenset(names if others and not first.endswith(",") else ())
    return frozenset(names)


def spaced(file: IO[bytes]) -> pd.DataFrame:
    """The table of such a text, of texts.

    Raises:
        Refused: a line has more or fewer values than there are columns.
    """
    names: list[str] = []
    rows = []
    for number, line in enumerate(file.read().decode("utf-8-sig").splitlines(), 1):
        if found := _service(line):
            names = found
        elif names and line.strip() and not line.startswith("#"):
            rows.append(line.split())
            if len(rows[-1]) != len(names):
                raise Refused(
                    f"line {number} has {len(rows[-1])} values for {len(names)} "
                    "columns, so the file is cut or damaged. Download it again."
                )
    refuse_twice(names, "the text")
    return pd.DataFrame(rows, columns=names, dtype=str)


def _service(line: str) -> list[str]:
    """The names in a line that names the columns of a service."""
    names = re.split(r"[,\s]+", line.lstrip("# ").rstrip(" ,\r\n"))
    return names if any(known <= set(names) for known in _SERVICES) else []


def refuse_text_before_json(head: str) -> None:
    """Raise NotText where a line precedes JSON, as in the output of a program."""
    line, _, rest = head.partition("\n")
    if "," not in line and is_json(rest):
        raise NotText(
            f"has the line {line.strip()[:40]!r} before its JSON. Delete that line."
        )


def is_json(head: str) -> bool:
    """Whether text starts as JSON objects do."""
    return bool(_JSON.match(head))


def json_value(file: IO[bytes], path: Path) -> tuple[Any, frozenset[str]]:
    """What a JSON file holds, and the names of its fields; also one object a line.

    Answers of services wrap their data, as in `{"status": "success", "data": [...]}`;
    of these the data are given. The fields are those of the first object, in lists of
    any depth.

    Raises:
        ValueError: the file is damaged.
    """
    with readable(path, "read as JSON"):
        text = file.read().decode("utf-8-sig")
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            if not error.msg.startswith("Extra data"):
                raise
            value = [json.loads(line) for line in text.splitlines() if line.strip()]
    value = unwrapped(value)
    first = value
    while isinstance(first, list) and first:
        first = first[0]
    return value, frozenset(first) if isinstance(first, dict) else frozenset()


def unwrapped(value: Any) -> Any:
    """The data of an answer of a service; any other value as it is."""
    while isinstance(value, dict) and isinstance(value.get("data"), dict | list):
        others = (value[key] for key in value.keys() - {"data", *_ABOUT})
        if any(isinstance(other, dict | list) for other in others):
            break
        value = value["data"]
    return value


def is_snana(text: str) -> bool:
    """Whether text has the keys that every SNANA file has."""
    return all(key.search(text) for key in _SNANA_KEYS)


def snana_in_tar(path: Path) -> Iterator[tuple[str, str]]:
    """Name and content of the SNANA text files (.dat, .txt) in a tar file.

    Raises:
        ValueError: the tar file is damaged.
    """
    with readable(path, "read as a tar file"), tarfile.open(path) as tar:
        for member in tar:
            file = tar.extractfile(member)
            if file and member.name.lower().endswith((".dat", ".txt")):
                text = file.read().decode("utf-8", errors="replace")
                if is_snana(text):
                    yield f"{path}/{member.name}", text
