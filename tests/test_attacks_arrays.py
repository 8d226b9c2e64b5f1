"""Damaged and forged arrays: golden values, saved streams and Arrow files."""

import io
import json
import shutil
import subprocess
import sys
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from models import forge, labelled, small_model
from source_files import ROOT
from test_attacks_presets import short

import zoo
from zoo.classifier.load import check_golden
from zoo.datasets.readers.files import arrow
from zoo.light_curves.sources import files
from zoo.model_folder.arrays import NUMBER, TEXT, read_arrays
from zoo.model_folder.folder import open_folder
from zoo.model_folder.golden import golden_values

NAN, INF = np.nan, np.inf


def npy(shape, descr="<f8", order=False, content=b"", version=b"\x01\x00", pad=0):
    """The bytes of an array whose header says whatever it likes."""
    text = repr({"descr": descr, "fortran_order": order, "shape": shape})
    header = text.encode("latin-1") + b" " * pad + b"\n"
    return b"\x93NUMPY" + version + len(header).to_bytes(2, "little") + header + content


def put(value):
    return lambda array: np.full_like(array, value)


def first(value):
    def change(array):
        changed = array.copy()
        changed.flat[0] = value
        return changed

    return change


def last(value):
    def change(array):
        changed = array.copy()
        changed.flat[-1] = value
        return changed

    return change


def longer(array):
    return np.concatenate([array, array[-1:]])


SHAPES = {
    "half": lambda array: array[: len(array) // 2],
    "none": lambda array: array[:0],
    "longer": longer,
    "square": lambda array: np.stack([array, array]),
    "scalar": lambda array: array.reshape(-1)[0],
}
GOLDEN = ("object_id", "offsets", "mjd", "flux", "flux_err", "detected", "band")
METADATA = ("redshift", "mwebv", "probabilities")
TYPES = {
    "object": npy((3,), "|O", content=b"\x80\x04K\x01."),
    "trillion": npy((10**12,)),
    "overflow": npy((2**62, 2**62)),
    "negative": npy((-1,)),
    "no numbers": npy("abc"),
    "many dimensions": npy((1,) * 60, content=b"\0" * 8),
    "structured": npy((1,), [("a", "<f8"), ("b", "<f8")], content=b"\0" * 16),
    "subarray": npy((1,), ("<f8", (2,)), content=b"\0" * 16),
    "dates": npy((1,), "<M8[s]", content=b"\0" * 8),
    "complex": npy((1,), "<c16", content=b"\0" * 16),
    "void": npy((10**9,), "|V0"),
    "empty texts": npy((10**12,), "<U0"),
    "cut": npy((100,), content=b"\0" * 8),
    "too long": npy((1,), content=b"\0" * 800),
    "another version": npy((1,), content=b"\0" * 8, version=b"\x09\x00"),
    "long header": npy((1,), pad=20_000, content=b"\0" * 8),
    "no header": b"\x93NUMPY\x01\x00",
    "nothing": b"",
    "code": b"\x93NUMPY\x01\x00\x10\x00__import__('os')",
    "deep": b"\x93NUMPY\x01\x00\x88\x13" + b"(" * 5000,
}
VALUES = {
    "offsets": (
        *(first(x) for x in (1, -1, 2**62, -(2**62))),
        *(last(x) for x in (0, -1, 2**31, 2**62)),
        lambda array: array[::-1],
        lambda array: array.astype(float),
        lambda array: array.astype(np.uint64),
        lambda array: np.array([0, 2**62]),
    ),
    "mjd": (first(NAN), first(INF), first(-INF), first(1e7), put(NAN)),
    "flux": (first(INF), first(1e30), put(-INF)),
    "flux_err": (first(0), first(-1), first(NAN), first(INF), first(1e30)),
    "probabilities": (
        *(first(x) for x in (NAN, INF, -1, 2, 0.9)),
        lambda array: array.T,
        lambda array: array[:1],
        lambda array: array[:, :1],
        lambda array: np.zeros_like(array),
        lambda array: array[:, ::-1],
    ),
    "band": (put("nowhere"), first("\x1b[2J"), put("")),
    "detected": (lambda array: array.astype(int), put(False)),
    "object_id": (put("a"), lambda array: array.astype(bytes)),
    "redshift": (put(INF), put(-5)),
    "mwebv": (put(INF),),
}


def content_of(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def damaged():
    """Name of the array, and what becomes of its bytes."""
    for name in (*GOLDEN, *METADATA):
        for what, change in SHAPES.items():
            yield f"{name}: {what}", name, change
        yield f"{name}: missing", name, None
        for number, change in enumerate(VALUES.get(name, ())):
            yield f"{name}: {number}", name, change
    for name in ("offsets", "mjd", "probabilities", "input_light_curve"):
        for what, content in TYPES.items():
            yield f"{name}: {what}", name, content


DAMAGED = list(damaged())


def test_at_least_a_hundred_arrays_are_damaged():
    assert len(DAMAGED) >= 100


@pytest.fixture(scope="module")
def model():
    return small_model()


@pytest.fixture(scope="module")
def toy(tmp_path_factory, model):
    return zoo.save(model, tmp_path_factory.mktemp("arrays") / "toy")


def members(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewrite(path, parts, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def damage(path, name, change, method=zipfile.ZIP_DEFLATED):
    parts = members(path)
    key = f"{name}.npy"
    if change is None:
        del parts[key]
    elif isinstance(change, bytes):
        parts[key] = change
    else:
        parts[key] = content_of(change(np.load(io.BytesIO(parts[key]))))
    rewrite(path, parts, method)


def test_every_damaged_golden_value_is_refused_in_a_sentence(toy, model):
    """None of them fills the memory or ends the process."""
    path = toy / "golden.npz"
    content, accepted, unreadable = path.read_bytes(), [], []
    for what, name, change in DAMAGED:
        path.write_bytes(content)
        damage(path, name, change)
        forge(toy)
        try:
            folder = open_folder(toy)
            golden_values(folder)
            check_golden(model, folder)
            accepted.append(what)
        except ValueError as error:
            if not short(str(error)):
                unreadable.append((what, repr(error)[:400]))
    path.write_bytes(content)
    forge(toy)
    assert not unreadable
    # Without effect on what a model predicts, or as they may be.
    assert accepted == []


BOMBS = {
    "zeros": {"mjd.npy": npy((2**28,), content=bytes(2**28))},
    "many": {f"a{number}.npy": npy((0,)) for number in range(5000)},
    "other": {"code.py": b"print(1)"},
    "up": {"../../mjd.npy": npy((1,), content=bytes(8))},
}


@pytest.mark.parametrize("name", BOMBS)
def test_an_archive_that_unpacks_to_more_is_refused_unpacked(toy, tmp_path, name):
    folder = shutil.copytree(toy, tmp_path / "toy")
    rewrite(folder / "golden.npz", {**members(folder / "golden.npz"), **BOMBS[name]})
    assert (folder / "golden.npz").stat().st_size < 2**21
    forge(folder)
    with pytest.raises(ValueError, match="holds no golden values: it"):
        zoo.load(folder)


def test_cut_and_scattered_archives_are_refused(toy, tmp_path):
    folder = shutil.copytree(toy, tmp_path / "toy")
    content = bytearray((folder / "golden.npz").read_bytes())
    generator = np.random.default_rng(0)
    for _ in range(60):
        damaged = content.copy()
        for place in generator.integers(0, len(content), 8):
            damaged[place] = generator.integers(0, 256)
        (folder / "golden.npz").write_bytes(
            damaged[: generator.integers(1, len(content))]
        )
        forge(folder)
        with pytest.raises(ValueError, match="holds no golden values"):
            golden_values(open_folder(folder))


@pytest.mark.parametrize(
    ("array", "kind"),
    [
        (np.asfortranarray(np.arange(6.0).reshape(2, 3)), NUMBER),
        (np.arange(3, dtype=">f8"), NUMBER),
        (np.array(["a", "bc", "é\U0001f600"]), TEXT),
        (np.array([], dtype=str), TEXT),
        (np.array(5.0), NUMBER),
    ],
)
def test_sound_arrays_are_read_as_numpy_reads_them(array, kind):
    file = io.BytesIO()
    np.savez(file, a=array)
    got = read_arrays(file.getvalue(), {"a": kind}, 10_000)["a"]
    assert got.shape == array.shape and got.dtype == array.dtype.newbyteorder("=")
    np.testing.assert_array_equal(got, array)


@pytest.fixture(scope="module")
def streamed(tmp_path_factory, model):
    """A saved stream with objects of every kind, and what is pushed next."""
    photometry, metadata = labelled(1).to_tables()
    stream = zoo.Stream(model)
    early = photometry.groupby("object_id").head(4)
    few = early.groupby("object_id").head(1).iloc[:3]
    stream.push(early[~early["object_id"].isin(few["object_id"])], metadata)
    stream.push(few)
    return stream.save(tmp_path_factory.mktemp("streams") / "s.npz"), photometry


COLUMNS = ("trigger_mjd", "trigger_flux", "last_mjd", "last_bands", "redshift", "mwebv")
STATES = ("state_1", "state_2", "probabilities")
PENDING = ("object", "mjd", "flux", "flux_err", "band", "detected")
STREAM_VALUES = {
    "state_1": (first(NAN), put(2), put(-1e30), first(INF), last(-INF)),
    "state_2": (first(NAN), put(1.5), lambda array: array.astype(float)),
    "probabilities": (put(5), put(-1), put(INF), put(0.5), put(0)),
    "trigger_mjd": (put(INF), put(1e7), put(NAN), lambda array: array.astype("f4")),
    "trigger_flux": (put(0), put(-1), put(NAN), put(INF), put(1e30)),
    "last_mjd": (put(NAN), put(INF), put(1e7)),
    "redshift": (put(INF), put(-INF)),
    "mwebv": (put(INF),),
    "last_bands": (lambda array: array.astype(np.int64), lambda array: array[:, :1]),
    "object_id": (put(255), lambda array: array.astype(bytes), np.zeros_like),
    "object_id_length": (put(-1), put(2**62), put(0), lambda array: array[:-1]),
    "counts": (put(-1), lambda array: array[:1], lambda array: array.astype(float)),
    "pending_object": (put(-1), put(10**6), lambda array: array[::-1], put(2**62)),
    "pending_mjd": (put(NAN), put(INF), put(1e7)),
    "pending_flux": (put(NAN), put(INF)),
    "pending_flux_err": (put(0), put(-1), put(NAN), put(INF)),
    "pending_band": (put(-1), put(5000), lambda array: array.astype(float)),
    "pending_detected": (lambda array: array.astype(int),),
    "notes": tuple(
        lambda array, text=text: np.array(text)
        for text in (
            *(
                "",
                "{",
                "5",
                "[]",
                "[{}]",
                "[{}, []]",
                '[{"a": -1}, {}]',
                "[{}, {}, {}]",
            ),
            *('[{"a": "b"}, {}]', '[{"a": true}, {}]', "[{}, NaN]", "[" * 5000),
        )
    ),
    "says": (put(NAN), put(0.5), lambda array: array[:1], lambda array: array[:, :1]),
    "format": (put(99), lambda array: np.array([1]), lambda array: np.array("1")),
    "model": (lambda array: np.array(5), lambda array: np.array(["a", "b"])),
}


def damaged_streams():
    pending = tuple(f"pending_{name}" for name in PENDING)
    for name in (*COLUMNS, *STATES, *pending, "object_id"):
        for what, change in SHAPES.items():
            yield f"{name}: {what}", name, change
        yield f"{name}: missing", name, None
    for name, changes in STREAM_VALUES.items():
        for number, change in enumerate(changes):
            yield f"{name}: {number}", name, change
    for name in ("state_1", "pending_object", "object_id"):
        for what, content in TYPES.items():
            yield f"{name}: {what}", name, content


DAMAGED_STREAMS = list(damaged_streams())


def test_every_damaged_stream_is_refused_in_a_sentence(streamed, model, tmp_path):
    saved, _ = streamed
    assert len(DAMAGED_STREAMS) >= 100
    path, accepted, unreadable = tmp_path / "s.npz", [], []
    for what, name, change in DAMAGED_STREAMS:
        shutil.copyfile(saved, path)
        damage(path, name, change, zipfile.ZIP_STORED)
        try:
            zoo.Stream.restore(path, model)
            accepted.append(what)
        except ValueError as error:
            if not short(str(error)) or str(path) not in str(error):
                unreadable.append((what, repr(error)[:400]))
    assert not unreadable
    assert not accepted


def test_a_stream_that_was_packed_to_hide_its_size_is_refused(
    streamed, model, tmp_path
):
    path = shutil.copyfile(streamed[0], tmp_path / "s.npz")
    damage(path, "state_1", lambda array: np.zeros((10**6, 8), np.float32))
    with pytest.raises(ValueError, match=r"its arrays take 3\d,.* bytes, more than"):
        zoo.Stream.restore(path, model)


def test_a_sound_stream_goes_on_as_before(streamed, model):
    saved, photometry = streamed
    rest = photometry.groupby("object_id").tail(3)
    got = zoo.Stream.restore(saved, model)
    again = zoo.Stream.restore(got.save(saved.with_name("again.npz")), model)
    assert again.push(rest).equals(got.push(rest))


# One file for each way in which the buffers of an Arrow table can lie: what stands in
# a sound file, and what in its place. (pyarrow itself refuses to write most of them.)
I4, I8 = np.int32, np.int64
OFFSETS, LARGE, CODES = (0, 2, 4, 6), (0, 3, 6, 9), (41, 42, 43)
ARROW = {
    "offset beyond": (I4, OFFSETS, (0, 2, 4, 2**30)),
    "offset below": (I4, OFFSETS, (0, -5, 4, 6)),
    "offsets backwards": (I4, OFFSETS, (0, 6, 2, 6)),
    "first offset": (I4, OFFSETS, (2**30,) * 4),
    "offset in the middle": (I4, OFFSETS, (0, 2**30, 4, 6)),
    "large offset beyond": (I8, LARGE, (0, 3, 6, 2**60)),
    "large offset below": (I8, LARGE, (0, -(2**60), 6, 9)),
    "large offset in the middle": (I8, LARGE, (0, 2**60, 6, 9)),
    "code beyond": (I4, CODES, (41, 42, 99)),
    "code far beyond": (I4, CODES, (41, 2**31 - 1, 43)),
    "code below": (I4, CODES, (41, -7, 43)),
    "no UTF-8": (np.uint8, tuple(b"aaaabb"), tuple(b"aa\xff\xfebb")),
}


def photometry(kind=I4, offsets=OFFSETS):
    ids = pa.array(["aa", "aa", "bb"])
    if kind is I8:
        ids = pa.array(["aaa", "aaa", "bbb"], pa.large_string())
    elif offsets == CODES:
        names = pa.array([f"x{number:02}" for number in range(60)])
        ids = pa.DictionaryArray.from_arrays(pa.array(CODES, pa.int32()), names)
    return pa.table(
        {
            "object_id": ids,
            "mjd": pa.array([1.5, 2.5, 3.5]),
            "band": pa.array(["ztfg"] * 3),
            "flux": pa.array([1.5, 2.5, 3.5]),
            "flux_err": pa.array([1.5, 1.5, 1.5]),
        }
    )


def write_lie(path, kind, sound, lie, opened):
    with opened(str(path), photometry(kind, sound).schema) as writer:
        writer.write_table(photometry(kind, sound))
    before, after = (np.array(x, kind).tobytes() for x in (sound, lie))
    assert path.read_bytes().count(before) == 1
    path.write_bytes(path.read_bytes().replace(before, after))


DOORS = """
import sys, warnings
import pyarrow as pa
import zoo
from zoo.datasets.readers.files import arrow
from zoo.datasets.readers.formats import read
from zoo.light_curves.sources import files
from zoo.light_curves.accept import read as accept
from pathlib import Path

warnings.simplefilter("ignore")

def table(path):
    start = path.read_bytes()[:5]
    opened = pa.ipc.open_file if start == b"ARROW" else pa.ipc.open_stream
    with opened(path) as reader:
        return reader.read_all()


doors = {
    "frame": files.read_frame,
    "batches": lambda path: list(files.batches(path, files.COLUMNS)),
    "order": files.is_ordered,
    "reader": lambda path: arrow.frame(path, "arrow"),
    "formats": lambda path: read([path]),
    "accept": accept,
    "memory": lambda path: accept(table(path)),
    "classify": lambda path: zoo.classify("ztfsims-gru-lite", path),
    "stream": lambda path: zoo.Stream("ztfsims-gru-lite").push(table(path)),
}
for path in sorted(Path(sys.argv[1]).iterdir()):
    for name, door in doors.items():
        print(path.name, name, end=" ", flush=True)
        try:
            door(path)
            print("read")
        except ValueError as error:
            print("refused", len(str(error)) if "\\n" not in str(error) else "long")
        except Exception as error:
            print("traceback", repr(error)[:300])
"""


def test_damaged_arrow_files_end_in_a_sentence_at_every_door(tmp_path):
    """In a process of its own, which one wrong offset would end."""
    for name, (kind, sound, lie) in ARROW.items():
        for opened in (pa.ipc.new_file, pa.ipc.new_stream):
            file = f"{name.replace(' ', '-')}.{opened.__name__}.arrow"
            write_lie(tmp_path / file, kind, sound, lie, opened)
    done = subprocess.run(
        [sys.executable, "-c", DOORS, str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout[-200:] + done.stderr[-500:]
    results = [line.split(maxsplit=3) for line in done.stdout.splitlines()]
    assert len(results) == 2 * len(ARROW) * 9
    assert not [line for line in results if line[2] != "refused" or line[3] == "long"]


def test_a_parquet_file_whose_texts_are_no_text_is_refused(tmp_path):
    path = tmp_path / "photometry.parquet"
    pq.write_table(photometry(), path, compression="none", use_dictionary=False)
    content = path.read_bytes()
    sound, lie = (b"\2\0\0\0aa\2\0\0\0" + end for end in (b"aa", b"\xff\xfe"))
    assert content.count(sound) == 1
    path.write_bytes(content.replace(sound, lie))
    for read in (
        files.read_frame,
        lambda path: list(files.batches(path, files.COLUMNS)),
        lambda path: arrow.frame(path, "parquet"),
    ):
        with pytest.raises(ValueError, match="is not UTF-8|UTF8"):
            read(path)


def test_damaged_bytes_of_arrow_and_parquet_end_no_process(tmp_path):
    """Bytes at random places, in a process of its own."""
    program = FLIPS.replace("{seed}", "0")
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, (
        done.returncode,
        done.stdout[-300:],
        done.stderr[-500:],
    )
    counts = json.loads(done.stdout.splitlines()[-1])
    assert counts["refused"] > 50 and not counts["other"]


FLIPS = """
import json, sys, warnings
import numpy as np, pyarrow as pa, pyarrow.parquet as pq
from pathlib import Path
from zoo.light_curves.sources import files
from zoo.light_curves.analytic import golden_light_curves
warnings.simplefilter("ignore")
folder, generator = Path(sys.argv[1]), np.random.default_rng({seed})
table = pa.Table.from_pandas(golden_light_curves().to_tables()[0], preserve_index=False)
table = table.slice(0, 200)
with pa.ipc.new_file(str(folder / "a.arrow"), table.schema) as writer:
    writer.write_table(table)
counts = {"refused": 0, "read": 0, "other": []}
for number in range(150):
    path = folder / "a.arrow"
    content = bytearray(path.read_bytes())
    for place in generator.integers(0, len(content), 6):
        content[place] = generator.integers(0, 256)
    broken = folder / "broken.arrow"
    broken.write_bytes(content)
    try:
        files.read_frame(broken)
        counts["read"] += 1
    except ValueError:
        counts["refused"] += 1
    except Exception as error:
        counts["other"].append(repr(error)[:200])
print(json.dumps(counts))
"""
