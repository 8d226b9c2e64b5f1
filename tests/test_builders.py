"""Every builder keeps one contract, whatever its source."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tensorflow_datasets as tfds
from survey_files import plasticc, random_objects, snana_pair, snana_text

from zoo.datasets import registry
from zoo.datasets.builder import SurveyBuilder
from zoo.datasets.simulator import simulate
from zoo.datasets.stratified_split import SPLITS, StratifiedSplit
from zoo.datasets.tfds_features import features, from_records
from zoo.labels import LABELS
from zoo.light_curves import LightCurves, concatenate
from zoo.light_curves.examples import from_examples
from zoo.light_curves.folder import write_folder
from zoo.light_curves.table import from_tables
from zoo.passbands import BANDS

OBJECTS = 240
LABELLED = ("SNIa", "SNII", "TDE")
ROWS = {
    "mjd": np.float64,
    "flux": np.float32,
    "flux_err": np.float32,
    "band": np.int16,
    "detected": np.bool_,
}
SURVEY_OF_BANDS = {"ztfsims": "ztf", "bts": "ztf", "lsstsims": "lsst"}
VERSIONS = {
    "ztfsims": "1.4.0",
    "bts": "1.2.0",
    "lsstsims": "1.4.0",
    "anysims": "1.2.0",
}


@pytest.fixture(autouse=True)
def quiet():
    tfds.display_progress_bar(False)
    yield
    tfds.display_progress_bar(True)


def write_source(form: str, folder: Path) -> Path:
    """The same random objects, a third of each class, as files of one format."""
    curves = random_objects(OBJECTS, seed=5)
    labels = [LABELLED[i % 3] for i in range(OBJECTS)]
    ids = [str(i) for i in range(OBJECTS)]
    folder.mkdir()
    if form == "snana_fits":
        for half in (0, 1):
            rows = [
                [(mjd, "gr"[band], 4096, flux, 10.0) for mjd, band, flux in curve]
                for curve in curves[half::2]
            ]
            head = {"SNID": ids[half::2], "SIM_TYPE_NAME": labels[half::2]}
            snana_pair(folder, head, rows, survey="ZTF", stem=f"SIM-{half}")
    elif form == "snana_text":
        for name, label, curve in zip(ids, labels, curves, strict=True):
            rows = [f"{mjd} {'XY'[band]} {flux} 10.0 0" for mjd, band, flux in curve]
            text = snana_text(name, {"SPEC_CLASS": label}, rows)
            (folder / f"{name}.dat").write_text(text)
    elif form == "plasticc":
        codes = {"SNIa": 90, "SNII": 42, "TDE": 15}
        plasticc(
            folder,
            {
                "object_id": ids,
                "hostgal_specz": [0.1] * OBJECTS,
                "mwebv": [0.05] * OBJECTS,
                "target": [codes[label] for label in labels],
            },
            [
                (name, mjd, band, flux, 10.0, 1)
                for name, curve in zip(ids, curves, strict=True)
                for mjd, band, flux in curve
            ],
            "detected",
        )
    else:
        write_folder(table_of(curves, ids, labels), folder)
    if form == "bts":
        lines = [f"{n},{label},0.1,0.2\n" for n, label in zip(ids, labels, strict=True)]
        (folder / "export.csv").write_text("ZTFID,type,redshift,A_V\n" + "".join(lines))
    return folder


def table_of(curves: list, ids: list[str], labels: list[str]) -> LightCurves:
    rows = [
        (name, mjd, ("ztfg", "ztfr")[band], flux, 10.0)
        for name, curve in zip(ids, curves, strict=True)
        for mjd, band, flux in curve
    ]
    names = ["object_id", "mjd", "band", "flux", "flux_err"]
    metadata = pd.DataFrame({"object_id": ids, "label": labels})
    return from_tables(pd.DataFrame(rows, columns=names), metadata)


def check_builder(builder: SurveyBuilder, again: SurveyBuilder, count: int) -> None:
    """The contract of every builder; `again` is the same one, built elsewhere."""
    loaded = registry.load_light_curves(builder)
    assert set(builder.info.splits) == set(SPLITS)
    assert builder.info.description and builder.info.citation

    ids, lengths = [], set()
    for split in SPLITS:
        source = builder.as_data_source(split)
        assert len(source) == builder.info.splits[split].num_examples
        for example in source:
            ids.append(example["object_id"])
            lengths.add(len(example["mjd"]))
            for name, dtype in ROWS.items():
                assert example[name].dtype == dtype
                assert example[name].shape == example["mjd"].shape
            assert (np.diff(example["mjd"]) >= 0).all()
            assert (example["flux_err"] > 0).all()
            assert np.isfinite(example["flux"]).all()
            assert -1 <= example["label"] < len(LABELS)
            assert {type(example[name]) for name in ("redshift", "mwebv")} == {float}
    assert len(ids) == len(set(ids)) == count
    assert len(lengths) > 1
    if builder.name in SURVEY_OF_BANDS:
        assert len({passband.survey for passband in loaded.observed}) == 1

    # Stratified: of every class the tenths, to within one block of ten.
    split = loaded.metadata["zoo_split"]
    for label, size in Counter(loaded.labels).items():
        for name, part in zip(SPLITS, (0.8, 0.1, 0.1), strict=True):
            got = ((loaded.labels == label) & (split == name)).sum()
            assert abs(got - part * size) <= 2, (label, name, got, size)

    same = registry.load_light_curves(again)
    assert again.data_dir != builder.data_dir
    assert same.object_id.tolist() == loaded.object_id.tolist()
    for name in (*ROWS, "offsets"):
        np.testing.assert_array_equal(getattr(same, name), getattr(loaded, name))
    assert same.metadata.equals(loaded.metadata)


@pytest.mark.parametrize("survey", registry.surveys())
def test_simulated(survey: str, tmp_path: Path):
    made = [
        registry.builder(
            survey, objects=OBJECTS, seed=3, data_dir=tmp_path / name, workers=workers
        )
        for name, workers in (("a", 1), ("b", 2 if survey == "bts" else 1))
    ]
    check_builder(*made, count=OBJECTS)
    name = f"{survey}/simulated-n240-s3/{VERSIONS[survey]}"
    assert made[0].info.full_name == name
    loaded = registry.load_light_curves(made[0])
    if survey != "anysims":
        surveys = {passband.survey for passband in loaded.observed}
        assert surveys == {SURVEY_OF_BANDS[survey]}
    drawn = concatenate(list(simulate(survey, objects=OBJECTS, seed=3)))
    drawn = drawn.take(np.argsort(drawn.object_id))
    stored = loaded.take(np.argsort(loaded.object_id))
    assert stored.observed == drawn.observed
    for name in (*ROWS, "offsets"):  # to the last bit, times too
        if name != "band":
            np.testing.assert_array_equal(getattr(stored, name), getattr(drawn, name))
    names, others = (
        np.array([passband.name for passband in each.passbands])[each.band]
        for each in (stored, drawn)
    )
    np.testing.assert_array_equal(names, others)
    for name in ("subclass", "mode"):
        assert stored.metadata[name].tolist() == drawn.metadata[name].tolist()
    other = registry.builder(survey, objects=OBJECTS, seed=4, data_dir=tmp_path / "a")
    assert other.data_dir != made[0].data_dir
    other = registry.load_light_curves(other)
    assert len(other.flux) != len(loaded.flux) or (other.flux != loaded.flux).any()


@pytest.mark.parametrize(
    ("survey", "form"),
    [
        ("ztfsims", "snana_fits"),
        ("ztfsims", "snana_text"),
        ("lsstsims", "plasticc"),
        ("bts", "bts"),
        ("bts", "table"),
    ],
)
def test_from_files(survey: str, form: str, tmp_path: Path):
    folder = write_source(form, tmp_path / "source")
    made = [
        registry.builder(survey, source_dir=folder, data_dir=tmp_path / name)
        for name in "ab"
    ]
    check_builder(*made, count=OBJECTS)
    assert made[0].builder_config.name.startswith(f"{form}-source-")
    # What went in comes out.
    loaded = registry.load_light_curves(made[0])
    assert not {"subclass", "mode"} & set(loaded.metadata)
    curves = random_objects(OBJECTS, seed=5)
    for i in (0, 100, 239):
        at = loaded.take([loaded.object_id.tolist().index(str(i))])
        assert at.labels.tolist() == [LABELLED[i % 3]]
        np.testing.assert_allclose(at.mjd, [row[0] for row in curves[i]])
        np.testing.assert_allclose(at.flux, [row[2] for row in curves[i]], rtol=1e-6)
        assert [BANDS[b][-1] for b in at.band] == [
            ("ug" if form == "plasticc" else "gr")[row[1]] for row in curves[i]
        ]


def test_folders_do_not_share_a_data_set(tmp_path: Path):
    folder = write_source("table", tmp_path / "source")
    other = write_source("table", tmp_path / "other")
    first = registry.builder("bts", source_dir=folder, data_dir=tmp_path)
    assert (
        first.data_dir
        == registry.builder("bts", source_dir=folder, data_dir=tmp_path).data_dir
    )
    names = {first.builder_config.name}
    names.add(registry.builder("bts", source_dir=other).builder_config.name)
    names.add(registry.builder("bts", source_dir=folder, seed=1).builder_config.name)
    photometry = folder / "photometry.parquet"
    pd.read_parquet(photometry)[1:].to_parquet(photometry)
    names.add(registry.builder("bts", source_dir=folder).builder_config.name)
    assert len(names) == 4


def test_a_built_folder_is_found_by_name(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(tfds.core.constants, "DATA_DIR", str(tmp_path / "tfds"))
    folder = write_source("table", tmp_path / "source")
    made = registry.builder("bts", source_dir=folder)
    name = f"bts/{made.builder_config.name}"
    type(made)._configs_made.clear()  # as in the next process
    with pytest.raises(ValueError, match="is not built here, and its name does not"):
        registry.load_light_curves(registry.find(name))
    registry.prepare(registry.builder("bts", source_dir=folder))
    type(made)._configs_made.clear()
    assert len(registry.load_light_curves(registry.find(name))) == OBJECTS
    with pytest.raises(KeyError, match="bts has no configuration 'other'"):
        registry.find("bts/other")
    with pytest.raises(KeyError, match="'bts2' is neither a folder nor a survey"):
        registry.find("bts2")


def test_one_split_and_unknown_values(tmp_path: Path):
    curves = random_objects(30, seed=1)
    table = table_of(curves, [f"o{i}" for i in range(30)], [""] * 30)
    write_folder(table, tmp_path / "source")
    builder = registry.builder(
        "bts", source_dir=tmp_path / "source", data_dir=tmp_path / "tfds"
    )
    test = registry.load_light_curves(builder, "test")
    assert (len(test), set(test.metadata["zoo_split"])) == (3, {"test"})
    assert test.labels.tolist() == [None] * 3
    assert test.metadata[["redshift", "mwebv"]].isna().all(axis=None)
    with pytest.raises(
        ValueError, match=r"no split 'tset'\..* Splits: train, validation"
    ):
        registry.load_light_curves(builder, "tset")


def test_batches_hold_what_tfds_finds_in_each_example(tmp_path: Path):
    builder = registry.builder("lsstsims", objects=2600, data_dir=tmp_path)
    loaded = registry.load_light_curves(builder, "train")  # in three batches
    each = from_examples(builder.as_data_source("train"))
    assert len(loaded) == len(each) > 2000
    assert loaded.object_id.tolist() == each.object_id.tolist()
    for name in (*ROWS, "offsets"):
        one, other = getattr(loaded, name), getattr(each, name)
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)
    assert loaded.metadata.drop(columns="zoo_split").equals(each.metadata)


def serialised(**changes: object) -> list[bytes]:
    """One example as tfds writes it, after that of an object without observations."""
    none = {name: np.array([], dtype) for name, dtype in ROWS.items()}
    known = {"redshift": np.float32("nan"), "mwebv": np.float32(0.1), "mode": "cut"}
    texts = {"object_id": "none", "subclass": ""}
    example = {**none, **known, **texts, "label": -1}
    rows = {name: np.arange(1, 4).astype(dtype) for name, dtype in ROWS.items()}
    described = features()
    return [
        described.serialize_example(one)
        for one in (example, {**example, **rows, "object_id": "some", **changes})
    ]


class Source(list):
    """Serialised examples as a data source of tfds gives them."""

    def __getitems__(self, keys):
        return [memoryview(self[key]) for key in keys]


def test_an_object_without_observations_is_read():
    got = from_records(Source(serialised(label=LABELS.index("TDE"))))
    assert got.object_id.tolist() == ["none", "some"]
    assert got.lengths.tolist() == [0, 3]
    assert got.mjd.tolist() == got.flux.tolist() == got.band.tolist() == [1, 2, 3]
    assert got.detected.all()
    assert got.labels.tolist() == [None, "TDE"]
    assert got.metadata["redshift"].isna().all()
    assert got.metadata["mode"].tolist() == ["cut", "cut"]
    assert "subclass" not in got.metadata


def test_records_that_are_no_examples_of_ours_are_refused():
    with pytest.raises(ValueError, match="^the data set is empty. Choose a split"):
        from_records(Source())
    twice = Source([*serialised(), serialised()[1]])
    with pytest.raises(ValueError, match="^the data set holds an object twice"):
        from_records(twice)
    backwards = Source(serialised(mjd=np.array([3.0, 2.0, 1.0])))
    with pytest.raises(ValueError, match="^the data set holds rows out of order"):
        from_records(backwards)
    lost = Source(serialised(flux=np.ones(2, np.float32)))
    message = "^the data set holds 2 values of flux where 3 belong. Build it again.$"
    with pytest.raises(ValueError, match=message):
        from_records(lost)
    other = tfds.features.FeaturesDict({"object_id": tfds.features.Text()})
    record = other.serialize_example({"object_id": "a"})
    message = "^the data set holds 0 values of redshift where 1 belong. Build it again"
    with pytest.raises(ValueError, match=message):
        from_records(Source([record]))


def test_tfds_load_by_name(tmp_path: Path):
    loaded, info = tfds.load(
        "ztfsims/simulated-n240-s0", data_dir=tmp_path, with_info=True
    )
    assert set(loaded) == set(SPLITS)
    examples = list(tfds.as_numpy(loaded["train"]))
    assert len(examples) == info.splits["train"].num_examples
    got = from_examples(examples)
    builder = registry.builder("ztfsims", objects=240, data_dir=tmp_path)
    same = registry.load_light_curves(builder, "train")
    order = [same.object_id.tolist().index(name) for name in got.object_id]
    np.testing.assert_array_equal(same.take(order).flux, got.flux)
    assert same.take(order).labels.tolist() == got.labels.tolist()


def test_tfds_reads_manual_dir(tmp_path: Path):
    folder = write_source("snana_text", tmp_path / "source")
    builder = tfds.builder("ztfsims/snana_text", data_dir=tmp_path / "tfds")
    builder.download_and_prepare(
        download_config=tfds.download.DownloadConfig(manual_dir=folder)
    )
    assert sum(split.num_examples for split in builder.info.splits.values()) == OBJECTS


@pytest.mark.parametrize("survey", registry.surveys())
def test_tfds_gives_our_builder(survey: str, tmp_path: Path):
    builder = tfds.builder(survey, data_dir=tmp_path)
    assert type(builder).__module__ == f"zoo.datasets.{survey}.{survey}_dataset_builder"
    assert builder.info.full_name == f"{survey}/simulated/{VERSIONS[survey]}"
    assert builder.builder_config.objects == 12_000
    assert registry.builder(survey, data_dir=tmp_path).data_dir == builder.data_dir
    assert "simulated-n5000-s2" in tfds.builder(f"{survey}/simulated-n5000-s2").data_dir


def test_other_file_formats_hold_every_example(tmp_path: Path):
    builder = tfds.builder(
        "ztfsims/simulated-n240-s0", data_dir=tmp_path, file_format="array_record"
    )
    assert len(registry.load_light_curves(builder)) == OBJECTS


def test_refusals(tmp_path: Path):
    with pytest.raises(KeyError, match="no survey 'ztf'.* Surveys: anysims, bts, lsst"):
        registry.builder("ztf")
    with pytest.raises(ValueError, match="objects is 0 and seed 0"):
        registry.builder("bts", objects=0)
    with pytest.raises(ValueError, match="objects=5 applies to simulations only"):
        registry.builder("bts", source_dir=tmp_path, objects=5)
    with pytest.raises(FileNotFoundError, match="is not a folder"):
        registry.builder("bts", source_dir=tmp_path / "missing")
    folder = write_source("plasticc", tmp_path / "source")
    with pytest.raises(
        ValueError, match="format plasticc, which ztfsims does not read"
    ):
        registry.builder("ztfsims", source_dir=folder)


@pytest.mark.parametrize("at_once", [1, 1000])
def test_an_object_in_two_files_is_refused(tmp_path: Path, monkeypatch, at_once: int):
    monkeypatch.setattr(
        "zoo.datasets.readers.surveys.snana_text._OBJECTS_AT_ONCE", at_once
    )
    source = tmp_path / "source"
    source.mkdir()
    for name in ("a.dat", "b.dat"):
        text = snana_text("same", {}, ["60000.0 X 20.0 4.0 0"])
        (source / name).write_text(text)
    builder = registry.builder("ztfsims", source_dir=source, data_dir=tmp_path)
    with pytest.raises(ValueError, match="object 'same' (occurs|stands) twice"):
        registry.prepare(builder)
    assert not builder.is_prepared()


def test_splits_do_not_depend_on_the_pieces():
    labels = np.random.default_rng(0).choice(["a", "b", None], 1000).tolist()
    whole = StratifiedSplit(7).assign(labels)
    pieces = StratifiedSplit(7)
    parts = [pieces.assign(labels[i : i + 37]) for i in range(0, 1000, 37)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    assert (StratifiedSplit(8).assign(labels) != whole).any()
    for label in ("a", "b", None):
        mine = whole[[own == label for own in labels]]
        first = mine[: len(mine) // 10 * 10].reshape(-1, 10)
        np.testing.assert_array_equal(
            np.sort(first, 1), [[0] * 8 + [1, 2]] * len(first)
        )


def test_import_is_light_and_shadows_nothing(tmp_path: Path):
    """In the repository root, where a folder is called `datasets`."""
    (tmp_path / "datasets").mkdir()
    (tmp_path / "datasets" / "__init__.py").write_text("NAME = 'Hugging Face'")
    code = (
        "import sys; import zoo.datasets.registry\n"
        "heavy = {'tensorflow', 'keras', 'apache_beam', 'torch'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "assert 'datasets' not in sys.modules\n"
        f"sys.path.append({str(tmp_path)!r})\n"
        "import datasets; assert datasets.__file__, datasets\n"
    )
    root = Path(__file__).parent.parent
    subprocess.run(
        [sys.executable, "-W", "error", "-c", code], check=True, cwd=root, timeout=120
    )


def test_building_and_loading_need_no_tensorflow(tmp_path: Path):
    code = (
        "import sys; from zoo.datasets import registry as r\n"
        f"b = r.builder('bts', objects=150, data_dir={str(tmp_path)!r})\n"
        "assert len(r.load_light_curves(b)) == 150\n"
        "assert 'tensorflow' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout == ""  # `--json` needs standard output for itself
    assert "Simulating bts" in done.stderr  # the progress bar


def test_real_files(test_data: Path, tmp_path: Path):
    builder = registry.builder(
        "ztfsims", source_dir=test_data / "snana", data_dir=tmp_path
    )
    with pytest.warns(UserWarning, match="left out 18 repeated rows of one time and"):
        loaded = registry.load_light_curves(builder)
    assert (len(loaded), len(loaded.mjd)) == (155, 58_044)
