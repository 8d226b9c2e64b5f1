"""Light-curve tables as nobody should send them, and the outcomes that are documented.

A table starts out sound and is then damaged a few times; a seed decides the details, so
that hypothesis shrinks a failure to few damages of one small table.
"""

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import strategies as st

from zoo.passbands import BANDS

Random = np.random.Generator
COLUMNS = ("object_id", "mjd", "band", "flux", "flux_err")
NUMBERS = ("mjd", "flux", "flux_err")
LARGEST = float(np.finfo(np.float32).max)
SMALLEST = float(np.finfo(np.float32).smallest_subnormal)


@dataclass
class Case:
    """What a user gives, and what was done to it."""

    photometry: Any
    metadata: Any = None
    zeropoint: float = 27.5
    damages: list[str] = field(default_factory=list)


def sound(random: Random, objects: int, most: int) -> Case:
    """Light curves of a few objects, flagged or not, with metadata or without."""
    rows: dict[str, list] = {column: [] for column in COLUMNS}
    metadata = []
    for number in range(objects):
        count = int(random.integers(1, most + 1))
        mjd = 60000 + np.sort(random.choice(800, count, replace=False)) / 8
        size = 10.0 ** random.uniform(1, 4)
        flux = size * random.choice([1, 1, 1, 0.3, -0.1, 0.0], count)
        rows["object_id"].append(np.full(count, f"ZTF{number}", object))
        rows["mjd"].append(mjd)
        rows["band"].append(random.choice(np.array(BANDS[:2], object), count))
        rows["flux"].append(flux)
        rows["flux_err"].append(np.full(count, size / random.uniform(5, 50)))
        metadata.append(
            {
                "object_id": f"ZTF{number}",
                "redshift": random.choice([np.nan, 0.05, 0.4]),
                "mwebv": random.choice([np.nan, 0.02]),
                "label": str(random.choice(["SN Ia", "TDE", "unclassified"])),
            }
        )
    photometry = pd.DataFrame({name: np.concatenate(x) for name, x in rows.items()})
    if random.random() < 0.3:
        photometry["detected"] = photometry["flux"] > 3 * photometry["flux_err"]
    given = random.random() < 0.5
    return Case(photometry, pd.DataFrame(metadata) if given else None)


# ---- damages


def some(random: Random, frame: pd.DataFrame) -> np.ndarray:
    """Rows by chance: one, a few, or all."""
    share = random.choice([0.0, 0.2, 1.0])
    chosen = random.random(len(frame)) < share
    if len(frame):
        chosen[random.integers(len(frame))] = True
    return np.flatnonzero(chosen)


def put(frame: pd.DataFrame, column: str, rows: np.ndarray, value: Any) -> pd.DataFrame:
    """A frame with a value of any kind in some rows of a column."""
    if column not in frame:
        return frame
    values = frame[column].astype(object).tolist()
    for row in rows:
        values[row] = value
    array = np.empty(len(values), object)
    array[:] = values
    kept = pd.Series(array, index=frame.index, dtype=object)
    if isinstance(value, float | np.floating):
        try:
            kept = kept.astype(frame[column].dtype)
        except (TypeError, ValueError):
            pass
    return frame.assign(**{column: kept})


ODD: tuple[Callable[[], Any], ...] = (
    *(lambda value=value: value for value in (
        None, np.nan, np.inf, -np.inf, pd.NA, pd.NaT, "", " ", "g", "ZTFG", "1.5", "-",
        "nan", "ä" * 20, "a\nb", "\ud800", b"ztfg", True, False, 0, 1, -1, 7, 2**63,
        2**70, 10**400, 0.5, -9.0, -999.0, 1e300, -1e300, 5e-324, 2_460_000.5, 1 + 2j,
        Decimal("1.5"), Fraction(1, 3), np.float32(2.5), np.int8(3), np.str_("ztfr"),
        np.bool_(True), np.float64("nan"), (), ("a",), frozenset(),
        datetime(2026, 1, 1),
        pd.Timestamp("2026-01-01"), pd.Timedelta("1D"), np.datetime64("2026-01-01"),
    )),
    list, dict, set, object, lambda: [1.0], lambda: np.ones(3),
    lambda: np.array("ztfg"), lambda: SimpleNamespace(a=1), lambda: int,
)  # fmt: skip


def odd_value(case: Case, random: Random) -> None:
    """Something that has no place in a column of the photometry."""
    column = random.choice([*COLUMNS, "detected", "zeropoint"])
    frame = case.photometry
    if column == "zeropoint" and column not in frame:
        frame = frame.assign(zeropoint=27.5)
    if column == "detected" and column not in frame:
        frame = frame.assign(detected=frame.get("flux", 0.0) == 1.0)
    value = ODD[random.integers(len(ODD))]()
    case.photometry = put(frame, column, some(random, frame), value)


def odd_metadata(case: Case, random: Random) -> None:
    """Likewise, in the metadata."""
    if isinstance(case.metadata, pd.DataFrame):
        column = random.choice(["object_id", "redshift", "mwebv", "label"])
        value = ODD[random.integers(len(ODD))]()
        case.metadata = put(case.metadata, column, some(random, case.metadata), value)


def number(case: Case, random: Random) -> None:
    """A number that is out of the ordinary, or breaks a rule."""
    column = random.choice(NUMBERS)
    values = {
        "mjd": [np.nan, np.inf, 2_460_000.5, -1e300, 1e6, 0.0, -2_400_000.5, 60000.25],
        "flux": [np.nan, np.inf, -np.inf, 0.0, LARGEST, -LARGEST, 1e39, SMALLEST],
        "flux_err": [np.nan, 0.0, -1.0, np.inf, SMALLEST, 1e-50, LARGEST, 1e39, 1e-30],
    }[column]
    value = values[random.integers(len(values))]
    frame = case.photometry
    case.photometry = put(frame, column, some(random, frame), value)


def scale(case: Case, random: Random) -> None:
    """Fluxes or errors larger or smaller by many orders of magnitude."""
    factor = 10.0 ** random.uniform(-60, 60)
    for column in (["flux"], ["flux_err"], ["flux", "flux_err"])[random.integers(3)]:
        values = case.photometry.get(column)
        if values is not None and pd.api.types.is_float_dtype(values):
            case.photometry = case.photometry.assign(**{column: values * factor})


def extremes(case: Case, random: Random) -> None:
    """Fluxes and errors at the limits of float32, or so far apart."""
    count = len(case.photometry)
    flux = [0.0, 1.0, -1.0, SMALLEST, 1e-30, 1e30, LARGEST, -LARGEST]
    errors = [SMALLEST, 1e-38, 1e-17, 1.0, 1e17, LARGEST]
    if random.random() < 0.7:  # but not too far apart
        flux, errors = [0.0, 1.0, -1.0, 1e-30, 1e18, -1e18], [1e-17, 1.0, 1e17]
    case.photometry = case.photometry.assign(
        flux=random.choice(flux, count), flux_err=random.choice(errors, count)
    )
    if random.random() < 0.5:
        case.photometry = case.photometry.assign(detected=random.random(count) < 0.8)


DTYPES = (
    "object", "string", "str", "category", "Int64", "Float64", "Float32", "float16",
    "float32", "int8", "uint64", "bool", "boolean", "complex128", "datetime64[ns]",
    "timedelta64[ns]", "bytes", "double[pyarrow]", "string[pyarrow]", "int64[pyarrow]",
    "bool[pyarrow]", "decimal", "Sparse[float64]", "period[D]",
)  # fmt: skip


def dtype(case: Case, random: Random) -> None:
    """A column of another type, where it can be turned into that."""
    table = case.photometry
    if random.random() < 0.2 and isinstance(case.metadata, pd.DataFrame):
        table = case.metadata
    if not len(table.columns):
        return
    column = table.columns[random.integers(len(table.columns))]
    wanted = DTYPES[random.integers(len(DTYPES))]
    if wanted == "decimal":
        wanted = pd.ArrowDtype(pa.decimal128(20, 4))
    changed = table.copy()
    changed[column] = table[column].astype(wanted)
    if table is case.metadata:
        case.metadata = changed
    else:
        case.photometry = changed


def ids(case: Case, random: Random) -> None:
    """Names of another kind, or of several kinds."""
    makers: tuple[Callable[[int], Any], ...] = (
        int, str, lambda i: -i, lambda i: i + 2**62, lambda i: f"{i:04d}", float,
        lambda i: str(i) if i % 2 else i, lambda i: f"object {i}, 'ü\"",
        lambda i: i % 2 == 0, lambda i: np.str_(i), lambda i: str(i).encode(),
        lambda i: i + 2**64, lambda i: "x" * 200 + str(i), lambda i: f"{i}\x00",
    )  # fmt: skip
    make = makers[random.integers(len(makers))]
    for name in ("photometry", "metadata"):
        frame = getattr(case, name)
        if isinstance(frame, pd.DataFrame) and "object_id" in frame:
            if name == "metadata" and random.random() < 0.5:
                continue
            codes = pd.factorize(frame["object_id"].astype(str))[0]
            values = pd.Series([make(int(c)) for c in codes], index=frame.index)
            setattr(case, name, frame.assign(object_id=values))


def bands(case: Case, random: Random) -> None:
    """Other passbands: all that are known, or one that is not."""
    names = random.choice([*BANDS[:9], "g", "ztf_g", "ZTFG", "desg", "mine::x", ""], 3)
    if "band" in case.photometry and random.random() < 0.7:
        names = [name for name in names if name in BANDS] or ["lsstr"]
    values = random.choice(names, len(case.photometry))
    case.photometry = case.photometry.assign(band=values)


def detected(case: Case, random: Random) -> None:
    """Flags of every kind."""
    count = len(case.photometry)
    truth = random.random(count) < random.choice([0.0, 0.5, 1.0])
    kinds: tuple[Callable[[], Any], ...] = (
        lambda: truth,
        lambda: truth.astype(int),
        lambda: truth.astype(float),
        lambda: truth.astype(float) + 0.5,
        lambda: truth.astype(str),
        lambda: pd.array(truth, "boolean"),
        lambda: pd.array([None, *truth[1:]], "boolean") if count else truth,
        lambda: np.where(truth, 4096, 0),
        lambda: [None] * count,
        lambda: np.full(count, np.nan),
        lambda: pd.Categorical(truth),
        lambda: pd.Series(truth.tolist(), dtype=object).to_numpy(),
        lambda: [Decimal(int(one)) for one in truth],
    )
    case.photometry = case.photometry.assign(
        detected=kinds[random.integers(len(kinds))]()
    )


def columns(case: Case, random: Random) -> None:
    """A column that is missing, misspelt, double, or named by no string."""
    frame, kind = case.photometry, random.integers(6)
    name = random.choice(list(COLUMNS))
    if kind == 0:
        frame = frame.drop(columns=name, errors="ignore")
    elif kind == 1:
        frame = frame.rename(columns={name: name.upper()})
    elif kind == 2 and name in frame:
        frame = pd.concat([frame, frame[[name]]], axis=1)
    elif kind == 3:
        frame = frame.assign(**{"": 1, "ra": "x", "redshift": object()})
        frame[7] = [[1]] * len(frame)
    elif kind == 4:
        frame = frame.copy()
        frame.columns = pd.MultiIndex.from_product([["a"], frame.columns])
    else:
        frame = frame.rename(columns={name: None})
    case.photometry = frame


def rows(case: Case, random: Random) -> None:
    """Rows in another order, repeated, missing, or under a strange index."""
    frame, kind = case.photometry, random.integers(6)
    if kind == 0:
        frame = frame.iloc[random.permutation(len(frame))]
    elif kind == 1:
        frame = frame.iloc[random.integers(0, len(frame), len(frame))]
    elif kind == 2:
        frame = frame.iloc[: random.integers(0, len(frame) + 1)]
    elif kind == 3:
        frame = frame.set_axis(["x"] * len(frame))
    elif kind == 4 and "mjd" in frame:
        frame = frame.assign(mjd=60000.0)
    elif len(frame):
        frame = pd.concat([frame, frame.iloc[[random.integers(len(frame))]]])
    case.photometry = frame


def zeropoint(case: Case, random: Random) -> None:
    """Zero points for all or for each row, sensible or not."""
    values = [27.5, 31.4, 8.9, 0.0, -50.0, 120.0, -900.0, 900.0, 1e5, -1e5, 1e308]
    values += [-1e308, np.nan, np.inf]
    if random.random() < 0.5:
        case.zeropoint = values[random.integers(len(values))]
    else:
        chosen = random.choice(values, len(case.photometry))
        case.photometry = case.photometry.assign(zeropoint=chosen)


def metadata(case: Case, random: Random) -> None:
    """Metadata of other objects, of some, twice, or of other columns."""
    frame, kind = case.metadata, random.integers(9)
    if frame is None or not isinstance(frame, pd.DataFrame):
        case.metadata = pd.DataFrame({"object_id": ["ZTF0", "ZTF1"], "mwebv": 0.1})
        return
    if kind == 0:
        frame = frame.iloc[:1]
    elif kind == 1:
        frame = frame.iloc[:0]
    elif kind == 2:
        frame = pd.concat([frame, frame])
    elif kind == 3 and "object_id" in frame:
        frame = frame.assign(object_id="X" + frame["object_id"].astype(str))
    elif kind == 4:
        frame = frame.drop(columns=frame.columns[random.integers(len(frame.columns))])
    elif kind == 5:
        frame = frame.assign(host="y", label="SN Iz")
    elif kind == 6:
        extra = pd.DataFrame({"object_id": ["other"], "redshift": [0.1]})
        frame = pd.concat([frame, extra], ignore_index=True)
    elif kind == 7:
        frame = frame.assign(redshift=random.choice([-9.0, -0.05, 1e30, np.inf, 0.0]))
    else:
        frame = frame.assign(mwebv=random.choice([-9.0, 1e30, np.inf, 0.0, 1e-300]))
    case.metadata = frame


def no_frame(case: Case, random: Random) -> None:
    """Something other than a frame."""
    frame = case.photometry
    kinds = [None, [], {}, 7, "no such folder", {"flux": [1.0]}, frame.to_numpy(), b""]
    kinds += [frame.iloc[:, 0] if len(frame.columns) else 0, (frame,), (1, 2)]
    value = kinds[random.integers(len(kinds))]
    if random.random() < 0.5:
        case.photometry = value
    else:
        case.metadata = value


DAMAGES = (
    odd_value,
    odd_metadata,
    number,
    scale,
    extremes,
    dtype,
    ids,
    bands,
    detected,
)
DAMAGES += (columns, rows, zeropoint, metadata)
SEEDS = st.integers(0, 2**16)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A table of a few objects, damaged up to three times."""
    random = np.random.default_rng(draw(SEEDS))
    case = sound(
        random, draw(st.integers(1, 6)), draw(st.sampled_from([2, 10, 20, 30]))
    )
    chosen = st.lists(st.tuples(st.sampled_from(DAMAGES), SEEDS), max_size=3)
    for damage, seed in draw(chosen):
        try:
            with warnings.catch_warnings(action="ignore"):
                damage(case, np.random.default_rng(seed))
        except Exception:  # what was done before leaves nothing to damage in this way
            continue
        case.damages.append(f"{damage.__name__} {seed}")
    if draw(st.integers(0, 40)) == 40:
        no_frame(case, random)
        case.damages.append("no_frame")
    return case


# ---- what is documented

REFUSALS = {
    "no file": r".*(photometry|metadata)\.\w+ cannot be read: .*",
    "no frame": r"the (photometry|metadata) is a \w+, not a DataFrame\.",
    "no data": r"data of type \w+ cannot be read\. Give the folder of a light-curve ",
    "no folder": r".* does not exist\. Give a light-curve table",
    "metadata beside no frame": r"metadata were given although the data include",
    "missing column": r"the \w+ table lacks the column\(s\) .*Rename or add them\.",
    "nearly a table": r"the DataFrame is of no known format: .* it lacks .*\.",
    "two names": r"the columns .* and .* both stand for \w+\. Keep one\.",
    "two values": r"object .*, row \d+: \w+ differs from that in an earlier row",
    "double column": r"the \w+ table has two columns .*Keep one\.",
    "empty": r"the photometry table is empty\. Give at least one observation\.",
    "all NaN": r"every row of the photometry table has a NaN flux\.",
    "object_id": r"object_id (in row \d+ )?of the \w+ table is .*Convert the column\.",
    "no number": r"object .*, row \d+: \w+ is .*It must be a number in every row\.",
    "not finite": r"object .*, row \d+: (mjd|flux) is .*, which is not finite \(",
    "Julian Date": r"object .*, row \d+: mjd is .* looks like a Julian Date.* Sub",
    "error": r"object .*, row \d+: flux_err is .*, which is not finite and greater",
    "size": r"object .*, row \d+: (flux|flux_err) is .*, which at zero point 27\.5 is ",
    "passband": r"passband .* \(object .*, row \d+\) is not known\.",
    "detected": r"object .*, row \d+: detected is .*It must be true or false in every",
    "zeropoint column": r"object .*, row \d+: zeropoint is .*",
    "zeropoint": r"zeropoint is .*\. It must lie between -100 and 100: ",
    "repeated": r"object .*, row \d+: a second, different observation at the same",
    "metadata twice": r"object .* occurs twice in the metadata table \(row \d+\)",
    "other objects": r"no object of the metadata table .*Use the same object_id",
    "metadata number": r"object .*, row \d+: (redshift|mwebv) is .*, which is not ",
    "label": r"metadata column label: .*leave it empty if unknown\.",
    "no trigger": r"\d+ of \d+ objects cannot be classified .*`detected` column\.",
    "out of range": r"\d+ of \d+ objects cannot be classified .*keep these rows\.",
}
WARNINGS = (
    r"dropped \d+ of \d+ rows (with a NaN flux|that repeat another row)\.",
    r"\d+ of \d+ objects cannot be classified \(.*",
    r"the model was not trained on .*",
    r"the model sees days .* of [\d,]+ of [\d,]+ objects most points lie outside: .*",
    REFUSALS["empty"],  # of objects with metadata alone
    REFUSALS["all NaN"],
    r"left out [\d,]+ rows in .*: the model was trained on [\d.]+ to [\d.]+ um\. .*",
    r"the fluxes seem to be (too small|too large|magnitudes).*",
    r"flux(_err| and flux_err) seem.*",
    r"the values of mjd, .* are no dates of observations .*",
    r"(redshift is 0|mwebv is above 0\.4), .* in [\d,]+ of [\d,]+ objects.*",
)
REASONS = (
    r"|no photometry|no photometry within the wavelengths that the model was trained on"
    r"|no trigger: no detection with another one within .* days"
)


def refusal(message: str) -> str:
    """The documented refusal that a message is.

    Raises:
        AssertionError: it is none, or not a sentence or two on one line.
    """
    assert len(message.splitlines()) == 1, repr(message)
    assert len(message) < 1200, repr(message)
    for name, pattern in REFUSALS.items():
        if re.match(pattern, message):
            return name
    raise AssertionError(f"not a documented refusal: {message!r}")


def expected(message: str) -> bool:
    """Whether a warning is one of those that are documented."""
    return any(re.fullmatch(pattern, message, re.DOTALL) for pattern in WARNINGS)
