"""Malformed files: each ends in one sentence that names the file, soon, and nothing
else. What is written by hand comes first, then damage by chance to every format.
"""

import gzip
import json
import struct
import tarfile
import time
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import alert_files as alerts
import fastavro
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import service_files
from alert_files import elasticc_row, lsst_packet, ztf_packet, ztf_row
from astropy.table import Table
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from survey_files import plasticc, snana_pair, snana_text

from zoo.datasets.readers.files import limits
from zoo.datasets.readers.formats import FORMATS, detect, read

SECONDS = 10
"""No file may take longer."""

PACKETS = [
    ztf_packet(f"ZTF26{i}", ztf_row(2461000.5 + i, 1, 20.0, "t")) for i in range(5)
]
TABLE = pd.DataFrame(
    {
        "object_id": ["a", "a", "b"],
        "mjd": [60000.5, 60001.5, 60000.5],
        "band": ["ztfg", "ztfr", "ztfg"],
        "flux": [100.0, -3.0, 20.0],
        "flux_err": [1.0, 2.0, 3.0],
    }
)


def refused(path: Path, **options) -> str:
    """The one sentence with which a file is refused."""
    start = time.monotonic()
    with pytest.raises(ValueError) as error:
        read(path, **options).light_curves()
    assert time.monotonic() - start < SECONDS
    message = str(error.value)
    assert str(path) in message, message
    assert len(message) < 600, message
    return message


def avro(schema: dict = alerts.ZTF, packets: list = PACKETS, codec="null") -> bytes:
    file = BytesIO()
    fastavro.writer(file, schema, packets, codec=codec, sync_marker=b"s" * 16)
    return file.getvalue()


def zigzag(number: int) -> bytes:
    """A long as Avro writes it."""
    number, parts = number * 2, []
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])


def avro_block(count: int, data: bytes, schema: dict = alerts.ZTF, codec="null"):
    """A file with one block of which the header says what it likes."""
    header = avro(schema, [], codec)
    return header + zigzag(count) + zigzag(len(data)) + data + b"s" * 16


def deflated(size: int) -> bytes:
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece, parts = bytes(2**20), []
    parts = [engine.compress(piece) for _ in range(size // len(piece))]
    return b"".join([*parts, engine.flush()])


def gzip_of_nothing(size: int) -> bytes:
    tail = struct.pack("<II", 0, size % 2**32)
    return b"\x1f\x8b\x08" + bytes(7) + deflated(size) + tail


def of_nulls() -> dict:
    """A schema whose arrays may hold any number of items without a byte."""
    schema = json.loads(json.dumps(alerts.ZTF))
    nothing = {"type": "array", "items": "null"}
    schema["fields"].append({"name": "void", "type": nothing})
    return schema


def recursive() -> dict:
    schema = json.loads(json.dumps(alerts.ZTF))
    schema["fields"].append({"name": "next", "type": ["null", "alert"]})
    return schema


def parquet(table: pa.Table | pd.DataFrame, **options) -> bytes:
    file = BytesIO()
    arrow = pa.Table.from_pandas(table) if isinstance(table, pd.DataFrame) else table
    pq.write_table(arrow, file, **options)
    return file.getvalue()


def parquet_of_nothing(rows: int) -> bytes:
    piece = pa.table(
        {
            "object_id": pa.array(["a"] * 2**20),
            "mjd": np.zeros(2**20),
            "band": pa.array(["ztfg"] * 2**20),
            "flux": np.zeros(2**20),
            "flux_err": np.ones(2**20),
        }
    )
    return parquet(pa.concat_tables([piece] * (rows // 2**20)), row_group_size=2**22)


def sparse_tar(size: int) -> bytes:
    """A member of GNU's old sparse format: no data, and a large size."""
    member = tarfile.TarInfo("a.dat")
    member.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(member.tobuf(tarfile.GNU_FORMAT))
    header[483:495] = b"%011o\0" % size
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + bytes(1024)


def zip_of(*files: bytes) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("folder")
        for number, data in enumerate(files):
            archive.writestr(f"table{number or ''}.csv", data)
    return file.getvalue()


def encrypted(archive: bytes) -> bytes:
    """The same with the flag of encrypted members, as their data cannot be read."""
    data = bytearray(archive)
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def without(field: str) -> bytes:
    schema = json.loads(json.dumps(alerts.ZTF))
    candidate = next(f for f in schema["fields"] if f["name"] == "candidate")["type"]
    candidate["fields"] = [f for f in candidate["fields"] if f["name"] != field]
    return avro(schema)


def candidates_of_text() -> bytes:
    fields = [{"name": name, "type": "string"} for name in ("objectId", "candidate")]
    schema = {"type": "record", "name": "alert", "fields": fields}
    return avro(schema, [{"objectId": "a", "candidate": "b"}])


CSV = TABLE.to_csv(index=False)
ZTF_JSON = {"candidate": {}, "objectId": "a"}

MALFORMED: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "is empty. Download it again"),
    "blanks": (lambda: b" \n" * 9, "starts with 18 blanks"),
    "zeros": (
        lambda: bytes(10**6),
        r"binary and of no known .* 00 00 00 00\. If it is",
    ),
    "png": (lambda: b"\x89PNG\r\n\x1a\n\0\0", "binary and of no known format"),
    "noise": (
        lambda: np.random.default_rng(0).bytes(5000),
        "binary and of|is not UTF-8",
    ),
    "kafka": (lambda: b"\0\0\0\1\0" + avro()[4:], "Avro packet without its schema"),
    "latin-1": (
        lambda: CSV.replace("a", "é").encode("latin-1"),
        "is not UTF-8: byte 0x",
    ),
    "utf-16": (lambda: CSV.encode("utf-16"), "is text in UTF-16. Save it as UTF-8"),
    "late latin-1": (
        lambda: (CSV + "a,60002.5,ztfg,1,1\n" * 9000).encode() + b"\xe9,1,ztfg,1,1\n",
        "cannot be read: it is not UTF-8",
    ),
    "prose": (lambda: b"Dear reader,\nno table here.\n", "is of no known format: csv"),
    "semicolons": (
        lambda: CSV.replace(",", ";").encode(),
        "is of no known format: csv",
    ),
    "no header": (lambda: CSV.partition("\n")[2].encode(), "of no known format: csv"),
    "header alone": (lambda: CSV.partition("\n")[0].encode(), "holds no observation"),
    "ragged CSV": (
        lambda: CSV.encode() + b"a,b,c,d,e,f,g\n",
        "Expected 5 columns, got 7: a,b,c,d,e,f,g",
    ),
    "text as flux": (
        lambda: CSV.replace("-3.0", "x").encode(),
        "flux is 'x'. It must be a number",
    ),
    "julian dates": (
        lambda: CSV.replace("600", "24600").encode(),
        "looks like a Julian",
    ),
    "ZIP of ZIP": (
        lambda: zip_of(zip_of(CSV.encode())),
        r"night of alerts.avro/table.csv is a ZIP archive. Unpack it first",
    ),
    "ZIP of text": (
        lambda: zip_of(b"Dear reader,"),
        "avro/table.csv is of no known fo",
    ),
    "ZIP of nothing": (lambda: zip_of(), "holds no files"),
    "ZIP bomb": (
        lambda: zip_of(bytes(2**27)),
        r"its [\d,]+ bytes unpack to 68,157,440",
    ),
    "cut ZIP": (lambda: zip_of(CSV.encode())[:-30], "cannot be unpacked"),
    "encrypted ZIP": (lambda: encrypted(zip_of(CSV.encode())), "is encrypted. Unpack"),
    "damaged file in a ZIP": (
        lambda: zip_of(parquet(TABLE)[:-9]),
        r"\A\S+ of alerts.avro/table.csv cannot be read: [^/]*\Z",
    ),
    "bzip2": (lambda: b"BZh91AY&SY", "is packed with bzip2. Unpack it first"),
    "gzip bomb": (lambda: gzip_of_nothing(2**27), r"its [\d,]+ bytes unpack to"),
    "gzip of gzip": (
        lambda: gzip.compress(gzip.compress(CSV.encode())),
        "binary|UTF-8",
    ),
    "cut gzip": (lambda: gzip.compress(CSV.encode())[:-9], "cannot be unpacked"),
    "wrong gzip": (lambda: b"\x1f\x8b\x08" + b"x" * 99, "cannot be unpacked"),
    "gzip of nothing": (lambda: gzip.compress(b""), "starts with 0 blanks"),
    "gzip of a cut Avro": (
        lambda: gzip.compress(avro()[:-40]),
        r"alerts.avro: a block of [\d,]+ bytes is announced and",
    ),
    "cut Avro": (lambda: avro()[:-40], r"a block of [\d,]+ bytes is announced and"),
    "cut header": (lambda: avro()[:400], "cannot be read as Avro"),
    "magic of Avro": (lambda: b"Obj\x01", "cannot be read as Avro"),
    "count of Avro": (
        lambda: avro_block(2**62, b"x" * 99),
        r"a block of 99 bytes announces 4,611,686,018,427,387,904 packets",
    ),
    "size of Avro": (
        lambda: avro(packets=[]) + zigzag(1) + zigzag(2**62) + b"x" * 50,
        r"a block of 4,611,686,018,427,387,904 bytes is announced and 34 are left",
    ),
    "negative count": (
        lambda: avro(packets=[]) + b"\x01" + zigzag(9) + b"x" * 25,
        "announces -1 packets",
    ),
    "arrays of nulls": (
        lambda: avro(of_nulls(), [p | {"void": [None]} for p in PACKETS]),
        "its schema has arrays of items without size",
    ),
    "recursive schema": (
        lambda: avro(recursive(), [p | {"next": None} for p in PACKETS]),
        "its schema holds 'alert' within itself",
    ),
    "bomb in Avro": (
        lambda: avro_block(1, deflated(2**27), codec="deflate"),
        "a block is refused: its",
    ),
    "wrong deflate": (
        lambda: avro_block(1, b"\xff" * 99, codec="deflate"),
        "a block cannot be unpacked",
    ),
    "no sync": (
        lambda: avro().replace(b"s" * 16, b"t" * 16, 2)[:-16] + b"u" * 16,
        "cannot be read as Avro",
    ),
    "another Avro": (
        lambda: avro({"type": "record", "name": "a", "fields": []}, []),
        "is of no known format: avro with no columns",
    ),
    "Avro of numbers": (lambda: avro({"type": "long"}, [1, 2]), "of no known format"),
    "no packets": (lambda: avro(packets=[]), "holds no observation. Give light"),
    "no jd": (lambda: without("jd"), "lacks the field 'jd'"),
    "no isdiffpos": (lambda: without("isdiffpos"), "isdiffpos is None, neither t"),
    "text candidates": (candidates_of_text, "holds a value of the wrong type"),
    "cut parquet": (lambda: parquet(TABLE)[:-20], "cannot be read: "),
    "magic of parquet": (lambda: b"PAR1PAR1", "cannot be read: "),
    "empty parquet": (lambda: parquet(TABLE[:0]), "holds no observation"),
    "no columns": (lambda: parquet(TABLE[[]]), "of no known format: parquet with no"),
    "parquet bomb": (lambda: parquet_of_nothing(2**22), "is refused: its"),
    "cut Arrow": (lambda: b"ARROW1\0\0" + b"x" * 99, "cannot be read: "),
    "cut stream": (lambda: b"\xff\xff\xff\xff" + b"x" * 9, "cannot be read: "),
    "cut JSON": (lambda: json.dumps(ZTF_JSON)[:-1].encode(), "cannot be read as JSON"),
    "deep JSON": (lambda: b"[" * 10**6, "cannot be read as JSON"),
    "JSON of numbers": (lambda: b"[[1, 2], [3, 4]]", "of no known format: json"),
    "empty JSON": (lambda: b"{}", "of no known format: json with no columns"),
    "empty candidate": (lambda: json.dumps(ZTF_JSON).encode(), "lacks the field 'mid"),
    "JSON of texts": (lambda: b'{"candidate": "x", "objectId": 1}', "wrong type|lacks"),
    "detections of numbers": (
        lambda: b'{"detections": [1, 2]}',
        "a value of the wrong type",
    ),
    "cut FITS": (lambda: b"SIMPLE  =" + b" " * 99, "cannot be read as FITS"),
    "cut ECSV": (lambda: b"# %ECSV 1.0\n# ---\n# datatype: [", "cannot be read as an"),
    "cut tar": (lambda: sparse_tar(0)[:300], "binary|cannot be read as a tar"),
    "tar bomb": (
        lambda: sparse_tar(8 * 10**9),
        "is refused: its 1,536 bytes unpack to",
    ),
    "empty tar": (lambda: sparse_tar(0), "is a tar file without SNANA text files"),
    "SNANA without columns": (
        lambda: b"SURVEY: ZTF\nSNID: 1\nOBS: 1 2 3\n",
        "its VARLIST .* lacks",
    ),
    "unknown survey": (
        lambda: snana_text("1", {"SURVEY": "MOON"}, ["1 X 5 1 0"]).encode(),
        "what the filters 'X' of survey 'MOON' stand for is not known",
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_files_are_refused_in_one_sentence(tmp_path: Path, name: str):
    make, match = MALFORMED[name]
    path = tmp_path / "night of alerts.avro"  # a name says nothing
    path.write_bytes(make())
    message = refused(path)
    assert pytest.RaisesExc(ValueError, match=match).matches(ValueError(message)), (
        message
    )


def test_nothing_of_a_gigabyte(tmp_path: Path):
    path = tmp_path / "nothing.csv"
    with path.open("wb") as file:
        file.truncate(2**30)
    assert "binary and of no known format" in refused(path)


def test_sizes_are_refused_before_the_memory_is_filled(tmp_path: Path, monkeypatch):
    path = tmp_path / "table.csv.gz"
    path.write_bytes(gzip.compress(CSV.encode()))
    assert read(path).rows == 3
    monkeypatch.setattr(limits, "UNPACKED", 20)
    assert "unpacks to more than 20 bytes" in refused(path)
    monkeypatch.setattr(limits, "HARMLESS", 20)
    monkeypatch.setattr(limits, "EXPANSION", 1)
    assert "the limit is 1 times the size" in refused(path)


def test_what_is_no_file(tmp_path: Path):
    import os

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)  # to open it would wait for ever
    assert "is not a regular file" in refused(pipe)
    assert "holds no light curves in a known format" in refused(tmp_path)


def test_a_damaged_file_among_sound_ones_is_not_passed_over(tmp_path: Path):
    (tmp_path / "a.avro").write_bytes(avro())
    (tmp_path / "readme.txt").write_text("A night of alerts.")
    assert read(tmp_path).left_out == {"files of no known format": 1}
    (tmp_path / "b.avro").write_bytes(avro()[:-40])
    with pytest.raises(ValueError, match=r"b\.avro: a block of"):
        read(tmp_path)


# ---- damage by chance


def sound(folder: Path) -> dict[str, bytes]:
    """A sound file of every format."""
    nested = TABLE.groupby("object_id").agg(list).reset_index()
    light_curve = [[(60000.5, "g ", 4096, 20.0, 2.0), (60001.5, "r ", 0, 5.0, 2.0)]]
    snana_pair(folder / "fits", {"SNID": ["1"]}, light_curve, survey="ZTF")
    head = next((folder / "fits").glob("*HEAD*"))
    metadata = {"object_id": [11], "hostgal_specz": [0.5], "mwebv": [0.1]}
    plasticc(
        folder / "csv", metadata | {"target": [90]}, [(11, 59700.5, 2, 9, 1, 1)], "x"
    )
    Table.from_pandas(TABLE).write(folder / "ecsv", format="ascii.ecsv")
    Table.from_pandas(TABLE).write(folder / "table.fits", format="fits")
    Table.from_pandas(TABLE).write(folder / "votable", format="votable")
    Table.from_pandas(TABLE).write(folder / "astropy.parquet", format="parquet")
    service_files.skyportal(folder / "skyportal")
    service_files.ztf(folder / "ztf.txt")
    service_files.atlas(folder / "atlas.txt")
    service_files.magnitudes(folder / "magnitudes")
    arrow = BytesIO()
    with pa.ipc.new_file(arrow, pa.Table.from_pandas(TABLE).schema) as writer:
        writer.write_table(pa.Table.from_pandas(TABLE))
    row = {"jd": 2461000.5, "fid": 1, "magpsf": 20.0, "sigmapsf": 0.1}
    row |= {"isdiffpos": True, "ra": 3.0, "dec": 4.0}
    source = {"midpointMjdTai": 61000.5, "band": "r", "psfFlux": 900.0}
    sources = [
        source | {"psfFluxErr": 50.0},
        source | {"psfFluxErr": 60.0, "band": "g"},
    ]
    message = {"diaObjectId": 170028500009812345, "alert": {"diaSourcesList": sources}}
    past = [alerts.babamul_row(2460999.5, "r", 1000.0)]
    stream = [alerts.babamul("ZTF26a", 31.4, past)]
    catalogue = {"diaObjectId": [7], "diaSource": [sources]}
    catalogue["diaObjectForcedSource"] = [
        [one | {"psfDiffFlux": 1.0, "psfDiffFluxErr": 2.0} for one in sources]
    ]
    antares = {"ant_mjd": [61000.5, 61001.5], "ant_passband": ["g", "R"]}
    antares |= {"ant_mag": 20.0, "ant_magerr": 0.1, "ant_survey": 1, "locus_id": "A"}
    fink = [{f"r:{k}": v for k, v in one.items()} for one in sources]
    numbered = [
        one | {"oid": 7, "mjd": 1.5, "band": n} for n, one in enumerate(sources)
    ]
    of = {"ra": 1.5, "decl": 2.5, "mwebv": 0.25, "z_final": 0.5}
    elasticc = [lsst_packet(elasticc_row(7, 60300.5, "Y", 1000.0), of=of)]
    return {
        "ZTF": avro(),
        "ZTF, deflate": avro(codec="deflate"),
        "ZTF parquet": parquet(pa.Table.from_pylist(PACKETS)),
        "ELAsTiCC": avro(alerts.ELASTICC, elasticc),
        "ELAsTiCC parquet": parquet(pa.Table.from_pylist(elasticc)),
        "BOOM": json.dumps({"_id": "a", "prv_candidates": [row, row]}).encode(),
        "Babamul": avro(alerts.BABAMUL, stream),
        "Babamul, snappy": alerts.snappy(alerts.BABAMUL, stream),
        "Babamul API": json.dumps({"message": "", "data": stream[0]}).encode(),
        "Lasair message": json.dumps(message).encode(),
        "Lasair lists": json.dumps([[row | {"candid": 1}], [row]]).encode(),
        "Rubin packet as JSON": json.dumps(
            lsst_packet(sources[0] | {"diaObjectId": 7}, sources)
        ).encode(),
        "Rubin catalogue": parquet(pa.table(catalogue)),
        "ANTARES": pd.DataFrame(antares).to_csv(index=False).encode(),
        "Fink /fp": pd.DataFrame(fink).to_csv(index=False).encode(),
        "ALeRCE of LSST": pd.DataFrame(numbered).to_csv(index=False).encode(),
        "ALeRCE": json.dumps({"detections": [row | {"mjd": 61000.5}]}).encode(),
        "CSV": CSV.encode(),
        "CSV, gzip": gzip.compress(CSV.encode()),
        "parquet": parquet(TABLE),
        "Arrow": arrow.getvalue(),
        "nested": parquet(nested),
        "ECSV": (folder / "ecsv").read_bytes(),
        "FITS": (folder / "table.fits").read_bytes(),
        "SkyPortal": (folder / "skyportal").read_bytes(),
        "forced photometry of ZTF": (folder / "ztf.txt").read_bytes(),
        "forced photometry of ATLAS": (folder / "atlas.txt").read_bytes(),
        "magnitudes": (folder / "magnitudes").read_bytes(),
        "VOTable": (folder / "votable").read_bytes(),
        "parquet of astropy": (folder / "astropy.parquet").read_bytes(),
        "ZIP": zip_of(
            CSV.encode(), parquet(TABLE.assign(object_id=TABLE["object_id"] + "z"))
        ),
        "Avro, gzip": gzip.compress(avro()),
        "SNANA FITS": head.read_bytes(),
        "SNANA text": snana_text("1", {}, ["1 X 5 1 0", "2 Y 5 1 0"]).encode(),
        "PLAsTiCC": (folder / "csv" / "training_set.csv").read_bytes(),
    }


@pytest.mark.filterwarnings("ignore:the light curve of ANTARES")
def test_a_sound_file_of_every_format_is_told_and_read(tmp_path: Path):
    formats, path = set(), tmp_path / "fits" / "SIM-0001_HEAD.FITS"
    for name, content in sound(tmp_path).items():
        path.write_bytes(content)
        formats.add(detect(path))
        assert len(read(path).light_curves()) > 0, name
    assert formats == set(FORMATS) - {"bts"}  # which is a folder


def damaged(content: bytes, random: np.random.Generator) -> bytes:
    """Cut, changed, doubled or shuffled at a place of chance."""
    data, kind = bytearray(content), random.integers(4)
    a, b = sorted(random.integers(0, len(data), 2))
    if kind == 0:
        return bytes(data[:b])
    if kind == 1:
        return bytes(data[:a] + data[b:])
    if kind == 2:
        return bytes(data[:b] + data[a:])
    for at in random.integers(0, len(data), random.integers(1, 9)):
        data[at] = random.integers(256)
    return bytes(data)


@pytest.mark.filterwarnings("ignore:the light curve of ANTARES")
@pytest.mark.parametrize("seed", range(35))
def test_damage_by_chance_ends_in_a_table_or_in_one_sentence(tmp_path: Path, seed: int):
    """Each seed damages one format 60 times: 2,100 files in all."""
    (name, content), random = (
        list(sound(tmp_path).items())[seed],
        np.random.default_rng(seed),
    )
    outcomes = Counter[str]()
    folder = tmp_path / "fits"
    path = folder / ("SIM-0001_HEAD.FITS" if name == "SNANA FITS" else "file")
    path.write_bytes(content)
    assert read(path).rows > 0
    for _ in range(60):
        path.write_bytes(damaged(content, random))
        start = time.monotonic()
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "dropped .* rows with a NaN flux")
                warnings.filterwarnings("ignore", "took .* magnitudes as AB")
                warnings.filterwarnings(
                    "ignore", ".* has no column .*, by which images"
                )
                read(path).light_curves()
            outcomes["read"] += 1
        except ValueError as error:
            assert str(path.parent) in str(error), (name, error)
            outcomes["refused"] += 1
        assert time.monotonic() - start < SECONDS
    assert outcomes["refused"] > 10, (name, outcomes)


# ---- JSON of brokers, with values that nobody expects

ODD = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9)),
    st.just([]),
    st.just({}),
    st.lists(st.integers(), max_size=2),
    st.sampled_from(["NaN", "1e400", "170028500009812345.0", "t", "-99999", "g", "1"]),
)


def leaves(value: object, path: tuple = ()) -> list[tuple]:
    """The paths of all values of a JSON document, those that hold others as well."""
    children: list = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    found = [path] if path else []
    for key, child in children:
        found += leaves(child, (*path, key))
    return found


def replaced(value: object, path: tuple, new: object, drop: bool) -> object:
    copy = json.loads(json.dumps(value))
    at = copy
    for key in path[:-1]:
        at = at[key]
    if drop:
        del at[path[-1]]
    else:
        at[path[-1]] = new
    return copy


DOCUMENTS = ["BOOM", "Babamul API", "Lasair message", "Lasair lists", "ALeRCE"]
DOCUMENTS += ["Rubin packet as JSON"]


@pytest.fixture(scope="module")
def documents(tmp_path_factory) -> dict[str, object]:
    made = sound(tmp_path_factory.mktemp("sound"))
    return {name: json.loads(made[name]) for name in DOCUMENTS}


@pytest.mark.parametrize("name", DOCUMENTS)
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_odd_values_end_in_a_table_or_in_one_sentence(
    tmp_path: Path, documents: dict[str, object], name: str, data: st.DataObject
):
    """No traceback, no observation more, and none fewer that is not counted."""
    value = documents[name]
    path = data.draw(st.sampled_from(leaves(value)))
    changed = replaced(value, path, data.draw(ODD), data.draw(st.booleans()))
    file = tmp_path / "file.json"
    file.write_text(json.dumps(value))
    sound_table = read(file)
    whole = sound_table.rows
    repeated = sound_table.left_out.get("repeated rows of one exposure", 0)
    file.write_text(json.dumps(changed))
    try:
        table = read(file)
        table.light_curves()
    except ValueError as error:
        message = str(error)
        assert str(file) in message, message
        assert len(message) < 700, message
        return
    assert table.rows <= whole + repeated
    flux = table.photometry[["flux", "flux_err", "mjd"]].to_numpy(float)
    assert np.isfinite(flux).all()
    assert (table.photometry["flux_err"] > 0).all()
    old = value
    for key in path:
        old = old[key]
    if table.rows < whole and not isinstance(old, dict | list):
        assert sum(table.left_out.values()) > 0  # a row is missing: it is counted
