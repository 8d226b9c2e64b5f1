"""The same light-curve table by every way in, below and above the size of a part: the
same light curves in the same order, the same counts, or the same refusal.
"""

import gzip
import os
import re
import warnings
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import alert_files as alerts
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.table import Table

import zoo
from zoo.cli.shell.arguments import read_data
from zoo.datasets.readers import formats
from zoo.inference.runtime import Runtime
from zoo.light_curves import LightCurves
from zoo.light_curves.accept import read
from zoo.light_curves.parts import InOrder, TableParts
from zoo.light_curves.sources import files
from zoo.light_curves.sources.readers import UnknownFormat, open_others
from zoo.passbands import BANDS

# ---- doors: each takes a folder, photometry, metadata (or None) and gives an outcome


def facts(light_curves: LightCurves) -> pd.DataFrame:
    """One row per object: its observations as text, its redshift and its label."""
    rows = [
        " ".join(
            f"{one.mjd[i]:g} {BANDS[one.band[i]]} {one.flux[i]:.4g} "
            f"{one.flux_err[i]:.4g} {'yes' if one.detected[i] else 'no'};"
            for i in range(len(one.mjd))
        )
        for one in map(light_curves.take, ([i] for i in range(len(light_curves))))
    ]
    return pd.DataFrame(
        {
            "rows": rows,
            "redshift": light_curves.metadata["redshift"].to_numpy().round(4),
            "mwebv": light_curves.metadata["mwebv"].to_numpy().round(4),
        },
        index=pd.Index(light_curves.object_id, name="object_id"),
    )


def whole(*data) -> tuple[pd.DataFrame, int, int]:
    """By `read`: facts, and the rows dropped and repeated, of which it warns."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        light_curves = read(*data)
    counts = {"with a NaN flux.": 0, "that repeat another row.": 0}
    for message in (str(one.message) for one in caught):
        found = re.fullmatch(r"dropped (\d+) of \d+ rows (.*)", message)
        assert found, message
        counts[found[2]] = int(found[1])
    return facts(light_curves), *counts.values()


def in_parts(photometry: Path, metadata: Path | None) -> tuple[pd.DataFrame, int, int]:
    """By `TableParts`, put in order as `zoo-cli classify` does."""
    order = InOrder()
    table = TableParts(photometry, metadata, scratch=photometry.parent)
    parts = list(order.noted([table]))
    results = list(order.sort(facts(part.light_curves) for part in parts))
    assert not list(photometry.parent.glob(".zoo*"))
    return (
        pd.concat(results),
        sum(part.dropped for part in parts),
        sum(part.repeated for part in parts),
    )


def arrow(frame: pd.DataFrame) -> pa.Table:
    if not frame.columns.has_duplicates:
        return pa.Table.from_pandas(frame)
    columns = [pa.array(frame.iloc[:, i]) for i in range(frame.shape[1])]
    return pa.Table.from_arrays(columns, frame.columns.tolist())


def write(frame: pd.DataFrame | str | None, path: Path) -> Path | None:
    """Write a frame, or the text of a CSV file, in pieces of two rows."""
    if frame is None:
        return None
    if isinstance(frame, str) or ".csv" in path.name:
        text = frame if isinstance(frame, str) else frame.to_csv(index=False)
        packed = path.suffix == ".gz"
        path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    elif path.suffix == ".parquet" and not frame.columns.has_duplicates:
        frame.to_parquet(path, row_group_size=2)
    elif path.suffix == ".parquet":  # pandas writes no two columns of one name
        pq.write_table(arrow(frame), path, row_group_size=2)
    else:
        table = arrow(frame)
        opened = pa.ipc.new_stream if "stream" in path.name else pa.ipc.new_file
        with opened(str(path), table.schema) as file:
            file.write_table(table, max_chunksize=2)
    return path


def written(tmp_path: Path, suffix: str, photometry, metadata):
    return (
        write(photometry, tmp_path / f"photometry{suffix}"),
        write(metadata, tmp_path / f"metadata{suffix}"),
    )


def folder(suffix: str):
    def door(tmp_path: Path, photometry, metadata):
        written(tmp_path, suffix, photometry, metadata)
        return whole(tmp_path)

    return door


def parts(suffix: str, rows: int):
    def door(tmp_path: Path, photometry, metadata):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(files, "ROWS", rows)
            patch.setattr(files, "_ROW_BYTES", 20)
            return in_parts(*written(tmp_path, suffix, photometry, metadata))

    return door


def by_formats(suffix: str):
    def door(tmp_path: Path, photometry, metadata):
        paths = written(tmp_path, suffix, photometry, metadata)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            light_curves = formats.read([p for p in paths if p]).light_curves()
        text = " ".join(str(one.message) for one in caught)
        nan, same = (
            int(match[1])
            if (match := re.search(rf"dropped (\d+) of \d+ {rule}", text))
            else 0
            for rule in ("rows with a NaN", "rows that repeat")
        )
        return facts(light_curves), nan, same

    return door


def converted(kind):
    def door(tmp_path: Path, photometry, metadata):
        return whole(kind(photometry), None if metadata is None else kind(metadata))

    return door


def paths(tmp_path: Path, photometry, metadata):
    return whole(*written(tmp_path, ".parquet", photometry, metadata))


def one_file(suffix: str):
    """A lone file, or a pair of files."""

    def door(tmp_path: Path, photometry, metadata):
        files = tuple(filter(None, written(tmp_path, suffix, photometry, metadata)))
        return whole(files if len(files) > 1 else files[0])

    return door


def in_zip(suffix: str):
    """All files of a table in one archive."""

    def door(tmp_path: Path, photometry, metadata):
        paths = written(tmp_path, suffix, photometry, metadata)
        with zipfile.ZipFile(tmp_path / "table.zip", "w") as archive:
            for path in filter(None, paths):
                archive.write(path, f"../{path.name}")  # never where it is unpacked
        return whole(tmp_path / "table.zip")

    return door


def packed(tmp_path: Path, photometry, metadata):
    """A parquet file packed with gzip, and metadata beside it."""
    path = write(photometry, tmp_path / "photometry.parquet")
    packed = tmp_path / "photometry.parquet.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    return whole(packed, metadata)


def mixed(first, second):
    """A pair of photometry in one form and metadata in another."""

    def door(tmp_path: Path, photometry, metadata):
        pair = first(tmp_path, photometry)
        return whole(
            pair
            if metadata is None
            else (pair, second(tmp_path / "metadata", metadata))
        )

    return door


def in_memory(path: Path, frame: pd.DataFrame):
    return frame


def in_astropy(path: Path, frame: pd.DataFrame) -> Table:
    return Table.from_pandas(frame)


def in_file(suffix: str):
    def file(path: Path, frame: pd.DataFrame) -> Path:
        path = path.with_name(f"{path.name}{suffix}")
        if suffix in (".ecsv", ".fits"):
            Table.from_pandas(frame).write(path)
            return path
        return write(frame, path)

    return file


def nested(kind):
    def door(tmp_path: Path, photometry, metadata):
        name = next(n for n in photometry if n in ("object_id", "objectId"))
        lists = photometry.groupby(name, sort=False).agg(list).reset_index()
        return whole(kind(lists, tmp_path))

    return door


def nested_parquet(lists: pd.DataFrame, tmp_path: Path) -> Path:
    lists.to_parquet(tmp_path / "nested.parquet")
    return tmp_path / "nested.parquet"


def nested_pandas(lists: pd.DataFrame, tmp_path: Path):
    from nested_pandas import NestedFrame

    name, *columns = lists.columns
    return NestedFrame.from_lists(
        lists.set_index(name), list_columns=columns, name="light_curve"
    )


CSV = {
    "folder .csv": folder(".csv"),
    "folder .csv.gz": folder(".csv.gz"),
    "formats .csv": by_formats(".csv"),
    "parts .csv": parts(".csv", 3),
    "parts .csv.gz": parts(".csv.gz", 3),
    "one part .csv": parts(".csv", 10_000),
}
COLUMNAR = {
    "pandas": converted(lambda frame: frame),
    "folder .parquet": folder(".parquet"),
    "folder .arrow": folder(".arrow"),
    "folder .feather": folder(".feather"),
    "paths": paths,
    "formats .parquet": by_formats(".parquet"),
    "parts .parquet": parts(".parquet", 3),
    "parts .arrow": parts(".arrow", 3),
    "parts .stream.arrow": parts(".stream.arrow", 3),
    "one part .parquet": parts(".parquet", 10_000),
}
CONVERTED = {
    "pyarrow": converted(pa.Table.from_pandas),
    "polars": converted(pl.from_pandas),
}
ARCHIVES = {
    "zip .csv": in_zip(".csv"),
    "zip .csv.gz": in_zip(".csv.gz"),
    "zip .parquet": in_zip(".parquet"),
    "gzip .parquet": packed,
}
ASTROPY = {
    "astropy": mixed(in_astropy, in_astropy),
    "ECSV": mixed(in_file(".ecsv"), in_file(".ecsv")),
    "FITS": mixed(in_file(".fits"), in_file(".fits")),
    "astropy and pandas": mixed(in_astropy, in_memory),
    "FITS and .csv": mixed(in_file(".fits"), in_file(".csv")),
}
PAIRS = {
    "pair .csv": one_file(".csv"),
    "pair .parquet": one_file(".parquet"),
    ".parquet and pandas": mixed(in_file(".parquet"), in_memory),
    ".csv and FITS": mixed(in_file(".csv"), in_file(".fits")),
    "pandas and ECSV": mixed(in_memory, in_file(".ecsv")),
    "pandas and astropy": mixed(in_memory, in_astropy),
}
NESTED = {
    "nested pandas": nested(lambda lists, tmp_path: lists),
    "nested pyarrow": nested(lambda lists, tmp_path: pa.Table.from_pandas(lists)),
    "nested .parquet": nested(nested_parquet),
    "nested-pandas": nested(nested_pandas),
}
TABLES = CSV | COLUMNAR | CONVERTED  # photometry and metadata
ONE = TABLES | ASTROPY | PAIRS  # photometry alone, or with plain metadata
ALL = ONE | NESTED
DOORS = ALL | ARCHIVES
READERS = {name: DOORS[name] for name in DOORS if "part" not in name}  # for all tables


# ---- situations, each with its outcome by every door


@dataclass
class Situation:
    """A table, and its light curves as `ids` of `OBJECTS` in order, or its refusal."""

    photometry: pd.DataFrame | str
    metadata: pd.DataFrame | None = None
    doors: dict = field(default_factory=lambda: TABLES)
    objects: dict[str, str] | None = None
    redshift: dict[str, float] = field(default_factory=dict)
    mwebv: dict[str, float] = field(default_factory=dict)
    dropped: int = 0
    repeated: int = 0
    refusal: str | None = None


def table(**columns) -> pd.DataFrame:
    """Two objects of three rows; `columns` replaces or adds columns."""
    rows = {
        "object_id": ["a", "a", "a", "b", "b", "b"],
        "mjd": [60000.0, 60003.0, 60004.0, 60001.0, 60002.0, 60005.0],
        "band": ["ztfg", "ztfr", "ztfg", "ztfr", "ztfg", "ztfr"],
        "flux": [900.0, 1100.0, 50.0, 20.0, -3.0, 300.0],
        "flux_err": [30.0, 30.0, 30.0, 5.0, 5.0, 5.0],
    }
    return pd.DataFrame(rows | columns)


def about(**columns) -> pd.DataFrame:
    return pd.DataFrame({"object_id": ["b", "a"], **columns})


A = "60000 ztfg 900 30 yes; 60003 ztfr 1100 30 yes; 60004 ztfg 50 30 no;"
B = "60001 ztfr 20 5 no; 60002 ztfg -3 5 no; 60005 ztfr 300 5 yes;"
VEGA = {"ztfg": -0.11, "ztfr": 0.185}  # magnitudes of Vega in the AB system


def of_vega(rows: pd.DataFrame) -> pd.DataFrame:
    """The same fluxes at the zero point 27.5 of the Vega system."""
    scale = 10 ** (0.4 * rows["band"].map(VEGA))
    return rows.assign(flux=rows["flux"] * scale, flux_err=rows["flux_err"] * scale)


def as_magnitudes(rows: pd.DataFrame, **columns) -> pd.DataFrame:
    """The rows with a positive flux as AB magnitudes."""
    rows = rows[rows["flux"] > 0].reset_index(drop=True)
    mag = 27.5 - 2.5 * np.log10(rows["flux"])
    mag_err = rows["flux_err"] / rows["flux"] * 2.5 / np.log(10)
    rows = rows.drop(columns=["flux", "flux_err"])
    return rows.assign(**{"mag": mag, "magerr": mag_err, "magsys": "ab"} | columns)


MAGNITUDES = as_magnitudes(table())
OF_MAGNITUDES = {"a": A, "b": B.replace("60002 ztfg -3 5 no; ", "")}
IN_TABLE, IN_METADATA = {"a": A, "b": B}, {"b": B, "a": A}
THEIRS = {
    "object_id": "objectId",
    "mjd": "time",
    "band": "filter",
    "flux_err": "fluxerr",
}
HEADER = "object_id,mjd,band,flux,flux_err"
TEXT = table().to_csv(index=False)
MIXED = pd.Series([True, 1, False, 0, False, True], dtype=object)
SWAPPED = table(object_id=[7] * 3 + [8] * 3).astype(
    {"object_id": ">i8", "mjd": ">f8", "flux": ">f4", "flux_err": ">f8"}
)

SITUATIONS = {
    "plain": Situation(table(), objects=IN_TABLE, doors=DOORS),
    "magnitudes": Situation(MAGNITUDES, objects=OF_MAGNITUDES, doors=READERS),
    "magnitudes of Vega": Situation(
        MAGNITUDES.assign(
            magsys="Vega", mag=MAGNITUDES["mag"] - MAGNITUDES["band"].map(VEGA)
        ),
        objects=OF_MAGNITUDES,
        doors=READERS,
    ),
    "magnitudes and metadata": Situation(
        MAGNITUDES,
        about(z=[0.1, 0.2], ebv=0.5),
        objects=IN_METADATA | {"b": OF_MAGNITUDES["b"]},
        redshift={"b": 0.1, "a": 0.2},
        mwebv={"b": 0.5, "a": 0.5},
        doors=READERS.keys() - NESTED.keys() - {"formats .csv", "formats .parquet"},
    ),
    "magnitudes and metadata in each row": Situation(
        MAGNITUDES.assign(z=[0.1] * 3 + [0.2] * 2),
        objects=OF_MAGNITUDES,
        redshift={"a": 0.1, "b": 0.2},
        doors=READERS.keys() - NESTED.keys(),
    ),
    "magnitudes and Julian Dates": Situation(
        MAGNITUDES.rename(columns={"mjd": "jd"}).assign(
            jd=MAGNITUDES["mjd"] + 2400000.5
        ),
        objects=OF_MAGNITUDES,
        doors=READERS,
    ),
    "fluxes and Julian Dates": Situation(
        table().rename(columns={"mjd": "JD"}).assign(JD=table()["mjd"] + 2400000.5),
        objects=IN_TABLE,
        doors=READERS,
    ),
    "magnitudes without an error": Situation(
        MAGNITUDES.drop(columns="magerr"),
        refusal=r"the table lacks mag_err; .* flux = 10 \*\* \(-0.4 \* \(mag - 27.5",
        doors=READERS.keys() - NESTED.keys(),
    ),
    "magnitudes of a system that nothing states": Situation(
        MAGNITUDES.drop(columns="magsys").assign(band="bessellv"),
        refusal="magnitudes in passband 'bessellv' are often of the Vega system, and",
        doors=READERS,
    ),
    "magnitudes with a zero point": Situation(
        MAGNITUDES.assign(zp=25.0),
        refusal="has magnitudes and no fluxes: a zero point cannot be given",
        doors=READERS,
    ),
    "metadata": Situation(
        table(),
        about(redshift=[0.1, np.nan], mwebv=[0.02, 0.03], label=["TDE", None]),
        objects=IN_METADATA,
        redshift={"b": 0.1},
        mwebv={"b": 0.02, "a": 0.03},
    ),
    "names of others": Situation(
        table().rename(columns=THEIRS), objects=IN_TABLE, doors=ALL
    ),
    "names of others in the metadata": Situation(
        table(),
        about(z=[0.1, 0.2], ebv=[0.02, 0.03]).rename(columns={"object_id": "SNID"}),
        objects=IN_METADATA,
        redshift={"b": 0.1, "a": 0.2},
        mwebv={"b": 0.02, "a": 0.03},
        doors=TABLES.keys() - {"formats .csv", "formats .parquet"},
    ),
    "two names of one column": Situation(
        table(time=1.0),
        refusal="the columns .* both stand for mjd. Keep one.",
        doors=ONE,
    ),
    "two names of one column of the metadata": Situation(
        table(),
        about(redshift=0.1, z=0.1),
        refusal="the columns redshift and z both stand for redshift. Keep one.",
    ),
    "a zero point in each row": Situation(
        table(flux=table()["flux"] / 10, flux_err=table()["flux_err"] / 10, zp=25.0),
        objects=IN_TABLE,
        doors=ONE | NESTED,
    ),
    "metadata in each row": Situation(
        table(
            z=[0.1] * 3 + [0.2] * 3, mwebv=[0.5] * 6, redshift_err=0.01, label="SN Ia"
        ),
        objects=IN_TABLE,
        redshift={"a": 0.1, "b": 0.2},
        mwebv={"a": 0.5, "b": 0.5},
        doors=ONE,
    ),
    "metadata in each row and in a table": Situation(
        table(redshift=[0.1] * 3 + [0.2] * 3, ebv=0.5),
        about(redshift=[0.3, np.nan]),
        doors=ONE,
        objects=IN_METADATA,
        redshift={"b": 0.3},
        mwebv={"a": 0.5, "b": 0.5},
    ),
    "different metadata in the rows of an object": Situation(
        table(redshift=[0.1] * 4 + [0.2] * 2),
        refusal="object 'b', row .: redshift differs from that in an earlier row",
        doors=ONE,
    ),
    "coordinates that scatter": Situation(
        table(ra=np.arange(6.0), dec=0.0), objects=IN_TABLE, doors=ONE
    ),
    "fluxes of the AB system": Situation(
        table(zpsys=["ab", "AB", "Ab", "ab", "ab", "AB"]), objects=IN_TABLE, doors=ONE
    ),
    "fluxes of the Vega system": Situation(
        of_vega(table()).assign(zpsys="vega"), objects=IN_TABLE, doors=ONE
    ),
    "fluxes of another system": Situation(
        table(zpsys=["ab"] * 4 + ["bd17", "ab"]),
        refusal="row 4: zpsys is 'bd17', neither ab nor vega. Convert the fluxes to ",
        doors=ONE,
    ),
    "fluxes of Vega in a passband of the user's own": Situation(
        table(band="mine::x", wavelength=0.5, magsys="vega"),
        refusal="zpsys is 'vega', and the catalogue has no magnitude of Vega in its",
        doors=ONE,
    ),
    "a zero point that is text": Situation(
        table(zp="27.5"),
        refusal="zeropoint is '27.5', in a column of type .*. It must be a number in ",
        doors=ONE.keys() - {name for name in ONE if ".csv" in name and name[0] != "F"},
    ),
    "a zero point that is a word": Situation(
        table(zp=["27.5"] * 5 + ["AB"]),
        refusal="object '.', row .: (zp|zeropoint) is '.*a number in every row",
        doors=ONE,
    ),
    "an unknown label": Situation(
        table(), about(label=["SN Iz", None]), refusal="label 'SN Iz' is not a known"
    ),
    "a sentinel in the metadata": Situation(
        table(), about(redshift=[0.1, -9]), refusal="redshift is -9, which is not betwe"
    ),
    "an object twice in the metadata": Situation(
        table(),
        about(redshift=0.1).assign(object_id="a"),
        refusal="object 'a' occurs twice in the metadata table",
    ),
    "metadata of other objects": Situation(
        table(),
        about(redshift=0.1).assign(object_id=["x", "y"]),
        refusal="no object of the metadata table",
        doors=ONE,
    ),
    "objects without metadata or photometry": Situation(
        table(),
        pd.DataFrame({"object_id": ["dark", "b"], "redshift": [0.4, 0.2]}),
        objects={"dark": "", "b": B, "a": A},
        redshift={"dark": 0.4, "b": 0.2},
    ),
    "rows in any order": Situation(
        table().iloc[[5, 0, 3, 1, 4, 2]], objects={"b": B, "a": A}, doors=ONE
    ),
    "rows in any order, metadata of the last": Situation(
        table().iloc[[5, 0, 3, 1, 4, 2]],
        about(redshift=0.1).iloc[[1]],
        objects={"a": A, "b": B},
        redshift={"a": 0.1},
    ),
    "a row twice": Situation(
        table().iloc[[0, 1, 2, 3, 4, 5, 4]], objects=IN_TABLE, repeated=1, doors=ALL
    ),
    "two observations at one time": Situation(
        table(mjd=[60000.0] * 3 + [60001, 60001, 60005.0]),
        refusal="a second, different observation at the same mjd and band",
        doors=ONE,
    ),
    "rows without a flux": Situation(
        table(flux=[900.0, 1100.0, np.nan, 20.0, -3.0, 300.0]),
        objects={"a": A[: A.index(" 60004")], "b": B},
        dropped=1,
        doors=ALL,
    ),
    "integer ids": Situation(
        table(object_id=[7, 7, 7, 8, 8, 8]),
        about(redshift=0.1).assign(object_id=["8", "7"]),
        objects={"8": B, "7": A},
        redshift={"8": 0.1, "7": 0.1},
    ),
    "ids that look like something else": Situation(
        table(object_id=["0012"] * 3 + ["None"] * 3),
        objects={"0012": A, "None": B},
        doors=ALL,
    ),
    "an id is missing": Situation(
        table(object_id=["a", "a", None, "b", "b", "b"]),
        refusal="object_id in row . of the photometry table is",
        doors=TABLES,
    ),
    "a column is missing": Situation(
        table().drop(columns="flux_err"),
        refusal="(lacks (the column.s. )?flux_err|of no known format)",
        doors=ONE,
    ),
    "a bad error": Situation(
        table(flux_err=[30, 30, 30, 5, 0.0, 5]),
        refusal="object 'b', row 4: flux_err is 0, which is not finite and greater",
        doors=ONE,
    ),
    "flags": Situation(
        table(detected=[True, True, False, False, False, True]),
        objects=IN_TABLE,
        doors=ALL,
    ),
    "two columns of one name": Situation(
        pd.concat([table(), table()[["flux"]]], axis=1),
        refusal="two columns 'flux'. Keep one.",
        doors=TABLES.keys() - {*CONVERTED, "formats .parquet"},
    ),
    "a long id": Situation(
        table(object_id=["a"] * 3 + ["b" * 10_000] * 3, flux_err=[30] * 5 + [-1]),
        refusal="object 'b{99} [.]{3}, row 5: flux_err is -1",
        doors=ONE,
    ),
    "flags of two kinds": Situation(
        table(detected=MIXED),
        objects=IN_TABLE,
        doors=CSV | {"pandas": COLUMNAR["pandas"]},
    ),
    "ids in the index": Situation(
        table().set_index("object_id"),
        about(redshift=0.1).set_index("object_id"),
        objects=IN_METADATA,
        redshift={"a": 0.1, "b": 0.1},
        doors=COLUMNAR.keys() - {"formats .parquet"},
    ),
    "big-endian numbers": Situation(
        SWAPPED, objects={"7": A, "8": B}, doors={"pandas": COLUMNAR["pandas"]}
    ),
    # ---- CSV as people write it
    "spellings of no flux": Situation(
        f"{TEXT}b,60010,ztfg,None,5\nb,60011,ztfg,<NA>,5\nb,60012,ztfg,,\n",
        objects=IN_TABLE,
        dropped=3,
        doors=CSV,
    ),
    "comments, blank lines and spaces": Situation(
        "# made by hand\n\n" + TEXT.replace(",", " , ").replace("\nb", "\n# b\n\nb", 1),
        objects=IN_TABLE,
        doors=CSV,
    ),
    "a row that is a comment": Situation(
        TEXT.replace("\nb", '\n#b,60009,ztfg,5,"1\n #c,1,ztfg,1,1\nb', 1) + "# end",
        objects=IN_TABLE,
        doors=CSV,
    ),
    "an id in quotes that is no comment": Situation(
        TEXT.replace("\nb", '\n"\n#b"') + "# end\n",
        objects={"a": A, "#b": B},
        doors=CSV,
    ),
    "names of the columns in a comment": Situation(
        f"# made by hand\n# {TEXT}# end\n", objects=IN_TABLE, doors=CSV
    ),
    "line ends of old": Situation(
        TEXT.replace("\n", "\r"),
        refusal="its lines end with carriage returns alone. Save it with",
        doors=CSV,
    ),
    "a short line": Situation(
        f"{TEXT}b,60010\n", refusal="Expected 5 columns, got 2", doors=CSV
    ),
    "a word in place of a number": Situation(
        f"{TEXT}b,60010,ztfg,bad,5\n",
        refusal="object 'b', row 6: flux is 'bad'. It must be a number in every row.",
        doors=CSV,
    ),
    "a word in place of a flag": Situation(
        f"{HEADER},detected\na,60000,ztfg,1,1,True\na,60001,ztfg,1,1,perhaps\n",
        refusal="object 'a', row 1: detected is 'perhaps'. It must be true or false",
        doors=CSV,
    ),
}


@pytest.mark.parametrize(
    ("situation", "door"),
    [(name, door) for name, one in SITUATIONS.items() for door in sorted(one.doors)],
)
def test_every_door_gives_the_same_answer(tmp_path: Path, situation: str, door: str):
    one = SITUATIONS[situation]
    if one.refusal is not None:
        with pytest.raises(ValueError, match=one.refusal) as refusal:
            DOORS[door](tmp_path, one.photometry, one.metadata)
        assert len(str(refusal.value).splitlines()) == 1
        return
    found, dropped, repeated = DOORS[door](tmp_path, one.photometry, one.metadata)
    assert found["rows"].to_dict() == one.objects
    assert found.index.tolist() == list(one.objects)
    assert found["redshift"].dropna().round(4).to_dict() == pytest.approx(one.redshift)
    assert found["mwebv"].dropna().round(4).to_dict() == pytest.approx(one.mwebv)
    assert (dropped, repeated) == (one.dropped, one.repeated)


# ---- the public functions


@pytest.fixture(scope="module")
def packets(tmp_path_factory) -> Path:
    """An alert packet, which only a reader of `zoo.datasets` knows."""
    rows = [alerts.ztf_row(2461000.5 + day, 1 + day % 2, 18.0, "t") for day in range(9)]
    packet = alerts.ztf_packet("ZTF26aaaaaaa", rows[-1], rows[:-1])
    path = tmp_path_factory.mktemp("alerts") / "packet.avro"
    return alerts.write(path, alerts.ZTF, [packet])


@pytest.mark.parametrize("function", [zoo.classify, zoo.embed, zoo.novelty])
@pytest.mark.parametrize("kind", [str, Path, lambda path: [path]])
def test_functions_read_what_surveys_send(packets: Path, function, kind):
    light_curves = formats.read(packets).light_curves()
    runtime = Runtime.load("ztfsims-gru")
    pd.testing.assert_frame_equal(
        function(runtime, kind(packets)), function(runtime, light_curves)
    )


def test_a_stream_and_the_commands_read_what_surveys_send(packets: Path):
    runtime = Runtime.load("ztfsims-gru")
    pushed = zoo.Stream(runtime).push(packets)
    np.testing.assert_allclose(
        pushed.iloc[:, :-1].to_numpy(float),
        zoo.classify(runtime, packets).iloc[:, :-1].to_numpy(float),
        atol=1e-5,
    )
    assert read_data(str(packets)).object_id.tolist() == ["ZTF26aaaaaaa"]


def test_data_that_no_reader_knows_are_refused(tmp_path: Path):
    path = tmp_path / "notes.txt"
    path.write_text("Dear reader,\nno table here.\n")
    with pytest.raises(UnknownFormat, match="is of no known format"):
        read(path)
    with pytest.raises(UnknownFormat, match="is of no known format"):
        open_others([path])
    with pytest.raises(FileNotFoundError, match="gone does not exist"):
        read(tmp_path / "gone")
    with pytest.raises(ValueError, match="data of type int cannot be read"):
        read(7)
    with pytest.raises(
        ValueError, match="metadata were given although the data include"
    ):
        read(read(table()), about())
    with pytest.raises(ValueError, match="Leave the options out"):
        read(read(table()), zeropoint=31.4)


@pytest.mark.parametrize("text", [b"\xff\xfea\x00", "é,mjd\n".encode("latin-1")])
def test_text_in_another_encoding_is_refused_alone_and_in_a_folder(tmp_path, text):
    path = tmp_path / "photometry.csv"
    path.write_bytes(text)
    for data in (path, tmp_path, read_data):
        with pytest.raises(
            ValueError, match="(in UTF-16|not UTF-8).* Save it as UTF-8"
        ):
            data(str(path)) if data is read_data else read(data)


def test_what_is_no_file_is_refused(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    for pipe in (tmp_path / "pipe", "/dev/zero"):
        for data in ((pipe,), (table(), pipe), ([pipe],), ((pipe, about()),)):
            with pytest.raises(ValueError, match="is not a regular file. Write the"):
                read(*data)
        with pytest.raises(ValueError, match="is not a regular file"):
            read_data(str(pipe))
    with pytest.raises(FileNotFoundError, match="'' does not exist"):
        read("")
    with pytest.raises(KeyError, match="'' is neither a folder nor a survey"):
        read_data("")


def test_two_tables_in_a_tuple_are_no_pair(tmp_path: Path):
    first = write(table().iloc[:3], tmp_path / "a.parquet")
    second = in_file(".ecsv")(tmp_path / "b", table().iloc[3:])
    assert facts(read((first, second)))["rows"].to_dict() == IN_TABLE
    with pytest.raises(ValueError, match="metadata were given although the data"):
        read([first, second], about())


PUSHED = ONE.keys() - {n for n in ONE if n.startswith(("parts", "one part", "formats"))}


@pytest.mark.parametrize("door", sorted(PUSHED))
def test_a_stream_counts_alike_by_every_door(tmp_path: Path, monkeypatch, door: str):
    rows = table(flux=[900.0, 1100.0, np.nan, 20.0, -3.0, 300.0])
    rows = rows.iloc[[0, 1, 2, 3, 4, 5, 5]]
    stream = zoo.Stream("ztfsims-gru-lite")
    expected = zoo.Stream("ztfsims-gru-lite").push(table().drop(index=2))

    def push(*data):
        with pytest.warns(
            UserWarning, match="dropped 1 of 7 rows with a NaN"
        ) as caught:
            pushed = stream.push(*data)
        assert len(caught) == 1
        pd.testing.assert_frame_equal(pushed, expected.loc[pushed.index])
        assert sorted(pushed.index) == ["a", "b"]
        assert (stream.repeated, stream.late) == (1, 0)

    monkeypatch.setitem(globals(), "whole", push)
    ONE[door](tmp_path, rows, about(redshift=np.nan).assign(object_id=["x", "y"]))


def test_lists_of_files_and_of_frames_are_joined(tmp_path: Path, packets: Path):
    write(table().iloc[:3], tmp_path / "a.parquet")
    write(table().iloc[3:], tmp_path / "b.csv")
    got = read([tmp_path / "a.parquet", tmp_path / "b.csv", packets])
    assert got.object_id.tolist() == ["a", "b", "ZTF26aaaaaaa"]
    frames = read([table().iloc[:3], table().iloc[3:]])
    assert facts(frames)["rows"].to_dict() == IN_TABLE
    with pytest.raises(ValueError, match="object 'a' occurs in two parts"):
        read([tmp_path / "a.parquet", tmp_path / "a.parquet"])


@pytest.mark.parametrize("shuffled", [False, True])
@pytest.mark.parametrize("described", [False, True])
def test_the_command_writes_one_order_at_every_size(
    tmp_path: Path, monkeypatch, shuffled: bool, described: bool
):
    from zoo.cli.predict.classify import classify

    generator = np.random.default_rng(0)
    rows = pd.DataFrame(
        {
            "object_id": np.repeat([f"o{i:02d}" for i in range(30)], 8),
            "mjd": np.tile(60000.0 + np.arange(8), 30),
            "band": np.tile(["ztfg", "ztfr"], 120),
            "flux": generator.uniform(100, 900, 240),
            "flux_err": 10.0,
        }
    )
    if shuffled:
        rows = rows.sample(frac=1, random_state=0)
    names = [f"o{i:02d}" for i in range(40) if i % 3]
    metadata = pd.DataFrame({"object_id": names[::-1], "redshift": 0.1})
    data = tmp_path / "data"
    data.mkdir()
    write(rows, data / "photometry.parquet")
    write(metadata if described else None, data / "metadata.parquet")
    results = []
    for size in (10_000, 50):
        monkeypatch.setattr(files, "ROWS", size)
        out = tmp_path / f"{size}.parquet"
        if described:
            with pytest.warns(UserWarning, match="6 of 36 objects cannot"):
                classify("ztfsims-gru", [str(data)], out)
        else:
            classify("ztfsims-gru", [str(data)], out)
        results.append(pd.read_parquet(out))
    assert results[0]["object_id"].tolist() == read(data).object_id.tolist()
    pd.testing.assert_frame_equal(*results)
