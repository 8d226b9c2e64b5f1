"""Columns of the user's own, and the error of a redshift, at every door."""

import json
import pickle
from dataclasses import replace

import alert_files as alerts
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from models import labelled, small_model, weights
from typer.testing import CliRunner

import zoo
from zoo.cli.main import app
from zoo.datasets.readers import formats
from zoo.inference.onnx_graph import onnx_graph
from zoo.inference.parts import Tally, classify_parts
from zoo.inference.runtime import Runtime
from zoo.inference.session import OnnxNetwork
from zoo.inputs.metadata import Unused, column_values, metadata_inputs
from zoo.inputs.padding import pad
from zoo.inputs.parameters import Preprocessing
from zoo.inputs.preprocess import preprocess
from zoo.light_curves.folder import write_folder
from zoo.light_curves.parts import TableParts
from zoo.light_curves.photometry import ReadOptions
from zoo.light_curves.sources import files
from zoo.light_curves.table import from_tables
from zoo.model_folder.preset import Preset
from zoo.recipe import RECIPES, Recipe
from zoo.stream.stream import Stream
from zoo.training.transfer_model import transfer_model

ALL_THE_WAY = replace(RECIPES["transfer"], epochs=2, folds=0)
PHOTOZ = {
    "metadata": ("redshift", "redshift_known", "redshift_err", "mwebv"),
    "metadata_fill": {"redshift": 0.1, "mwebv": 0.036, "redshift_err": 0.0},
}
"""Preprocessing of a model that sees the errors of redshifts."""


def tables(copies=4):
    """Photometry and metadata, with a column that has gaps and one that has none."""
    photometry, metadata = labelled(copies).to_tables()
    number = np.arange(len(metadata))
    magnitudes = np.where(number % 3 == 0, np.nan, 18 + number % 7)
    return photometry, metadata.assign(host_mag=magnitudes, sgscore=number % 5 / 4)


def widened(base, *columns, **options):
    return base.transfer("toy", metadata=columns, **options)


def trained(columns=("host_mag", "sgscore"), **preprocessing):
    """A small model that learned with further columns, whether that helps or not."""
    model = widened(small_model(**preprocessing), *columns)
    photometry, metadata = tables()
    left = {"host_mag", "sgscore"} - {*columns}
    data = photometry, metadata.drop(columns=list(left))
    zoo.fit(model, data, recipe=ALL_THE_WAY, progress=False)
    return model


@pytest.fixture(scope="module")
def mine():
    return trained()


@pytest.mark.parametrize("model_id", ["ztfsims-gru", "ztfsims-gru-lite"])
def test_a_widened_model_begins_where_its_base_is_to_the_bit(model_id):
    photometry, metadata = tables()
    base = zoo.load(model_id)
    model = widened(base, "host_mag", "sgscore")
    bare = metadata.drop(columns=["host_mag", "sgscore"])
    expected = zoo.classify(base, photometry, bare)
    pd.testing.assert_frame_equal(
        zoo.classify(model, photometry, metadata), expected, check_exact=True
    )
    zoo_columns = {name: {"median": 20.0, "scale": 0.5} for name in ("host_mag",)}
    preprocessing = replace(
        model.preset.preprocessing, columns={**zoo_columns, "sgscore": {}}
    )
    model.preset = model.preset.replace(preprocessing=preprocessing)
    pd.testing.assert_frame_equal(
        zoo.classify(model, photometry, metadata), expected, check_exact=True
    )
    inputs = preprocess(from_tables(photometry, metadata), model.preset.preprocessing)
    assert np.abs(inputs.metadata[:, -4:]).max(0).min(initial=1) >= 0
    assert (inputs.metadata[:, -4] != 0).any()
    before = preprocess(from_tables(photometry, bare), base.preset.preprocessing)
    steps = np.arange(len(inputs))
    for one, other in ((base, before), (model, inputs)):
        run = _onnx(one)
        batch = pad(other, steps, int(other.lengths.max()))
        found = run(other), one.predict_on_batch(batch)
        if one is base:
            kept = found
    for own, bases in zip(found, kept, strict=True):
        np.testing.assert_array_equal(own, bases)


def _onnx(model):
    network = OnnxNetwork(onnx_graph(model.preset, weights(model)))
    return lambda inputs: network.run(
        inputs.light_curve,
        inputs.offsets,
        np.arange(len(inputs)),
        inputs.metadata,
        ["probabilities"],
        None,
    )[0]


def test_a_column_that_decides_the_class_raises_the_score():
    photometry, metadata = labelled(20).to_tables()
    generator = np.random.default_rng(1)
    decides = generator.random(len(metadata)) < 0.5  # whatever the light curve
    metadata["label"] = np.where(decides, "SNIa", "SNII")
    metadata["host_mag"] = np.where(decides, 18.0, 22.0) + generator.random(
        len(decides)
    )
    metadata["host_mag"] = metadata["host_mag"].mask(
        generator.random(len(decides)) < 0.1
    )
    auroc = {}
    for columns in ((), ("host_mag",)):
        model = small_model().transfer(
            "toy", classes=["SNIa", "SNII"], metadata=columns
        )
        recipe = Recipe(epochs=30, patience=None, batch_size=16, learning_rate=1e-2)
        known = metadata if columns else metadata.drop(columns="host_mag")
        zoo.fit(model, (photometry, known[:120]), recipe=recipe, progress=False)
        auroc[columns] = zoo.evaluate(model, (photometry, known))["macro_auroc"]
    assert auroc[("host_mag",)] > 0.9 > 0.75 > auroc[()]
    kernel = model.get_layer("metadata_dense").kernel.numpy()
    assert (np.abs(kernel[-2:]).sum(1) > 0).all()
    values = metadata["host_mag"][:120].dropna()
    standard = model.preset.preprocessing.columns["host_mag"]
    assert standard["median"] == pytest.approx(values.median(), abs=1e-3)


def test_only_that_layer_is_trained_besides_those_asked_for():
    model = widened(small_model(), "host_mag", train="head")
    assert model.transfer_report.trainable == ("metadata_dense", "latent", "head")
    assert model.transfer_report.columns == ("host_mag",)
    without = small_model().transfer("toy", train="head")
    assert without.transfer_report.trainable == ("latent", "head")


def test_what_is_missing_is_unknown_and_said_once(mine):
    photometry, metadata = tables()
    gaps = metadata.assign(host_mag=[""] + [None] * (len(metadata) - 1))
    none = metadata.assign(host_mag=np.nan)
    pd.testing.assert_frame_equal(
        zoo.classify(mine, photometry, gaps), zoo.classify(mine, photometry, none)
    )
    count = len(metadata)
    bare = metadata.drop(columns="host_mag").assign(hostmag=1.0)
    with pytest.warns(UserWarning) as said:
        absent = zoo.classify(mine, photometry, bare)
    assert [str(one.message) for one in said] == [
        f"toy-gru@v0.0.0 does not use these columns of the metadata: hostmag ({count} "
        "objects).",
        "the metadata have no column 'host_mag', which toy-gru@v0.0.0 uses; it counts "
        f"as unknown for all {count} objects. Did you mean 'hostmag'?",
    ]
    pd.testing.assert_frame_equal(absent, zoo.classify(mine, photometry, none))


def test_a_column_that_is_no_number_is_refused(mine):
    photometry, metadata = tables()
    for value in ("faint", np.inf, 1e300, [1.0], True):
        wrong = metadata.astype({"host_mag": object})
        wrong.at[4, "host_mag"] = value
        if value is True:  # a truth among numbers is one
            zoo.classify(mine, photometry, wrong)
            continue
        with pytest.raises(ValueError, match="^metadata column host_mag: .* in row 4,"):
            zoo.classify(mine, photometry, wrong)


def test_an_odd_value_cannot_drown_the_light_curve(mine):
    photometry, metadata = tables()
    furthest = mine.preset.preprocessing.columns["host_mag"]
    far = furthest["median"] + 10 * furthest["scale"]
    pd.testing.assert_frame_equal(
        zoo.classify(mine, photometry, metadata.assign(host_mag=1e30)),
        zoo.classify(mine, photometry, metadata.assign(host_mag=far + 1e-3)),
    )


def test_a_column_that_is_not_there_is_refused_with_the_nearest_name():
    model = widened(small_model(), "hostmag")
    before = model.preset
    with pytest.raises(ValueError) as refusal:
        zoo.fit(model, tables(), epochs=1, progress=False)
    assert str(refusal.value) == (
        "the metadata have no column 'hostmag'. Did you mean 'host_mag'? They have "
        "label, redshift, mwebv, host_mag, sgscore."
    )
    assert model.preset is before


@pytest.mark.parametrize(
    ("value", "reason"), [(np.nan, "empty for"), (3.0, "the same value, 3, in")]
)
def test_a_column_that_tells_nothing_is_refused(value, reason):
    photometry, metadata = tables()
    model = widened(small_model(), "host_mag")
    with pytest.raises(ValueError, match=f"host_mag is {reason} all objects to train"):
        zoo.fit(model, (photometry, metadata.assign(host_mag=value)), progress=False)


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        (["z"], "has a meaning of its own"),
        (["redshift_err"], "has a meaning of its own"),
        (["redshift_known"], "two of columns|has a meaning"),
        (["label"], "has a meaning of its own"),
        (["flux"], "has a meaning of its own"),
        (["a", "a"], "names 'a' twice"),
        (["a", "a_known"], "an input of one name"),
        ([""], "must be text"),
        ([3], "must be text"),
        ("host_mag", r"must be a list: \['host_mag'\]"),
    ],
)
def test_a_name_that_cannot_be_a_column_is_refused(columns, reason):
    with pytest.raises(ValueError, match=reason):
        small_model().transfer("toy", metadata=columns)


def test_a_base_without_a_metadata_branch_says_so():
    with pytest.raises(ValueError, match="no metadata branch.* host_mag.* Choose"):
        widened(small_model(metadata=()), "host_mag")


def test_a_transferred_model_is_widened_again(mine):
    photometry, metadata = tables()
    metadata["offset"] = np.arange(len(metadata)) % 4 / 2
    again = widened(mine, "offset")
    standard = mine.preset.preprocessing.columns
    assert again.preset.preprocessing.columns == {**standard, "offset": {}}
    known = metadata.drop(columns="offset")
    pd.testing.assert_frame_equal(
        zoo.classify(again, photometry, metadata),
        zoo.classify(mine, photometry, known),
        check_exact=True,
    )
    with pytest.raises(ValueError, match="'host_mag' is an input of the model already"):
        widened(mine, "host_mag")
    with pytest.warns(UserWarning, match="nothing tells whether training helps"):
        zoo.fit(again, (photometry, metadata), epochs=1, progress=False)
    columns = again.preset.preprocessing.columns
    assert {name: columns[name] for name in standard} == standard
    assert columns["offset"]["scale"] > 0


def test_it_is_saved_loaded_checked_and_described(mine, tmp_path):
    folder = zoo.save(mine, tmp_path / "mine")
    stored = json.loads((folder / "zoo.json").read_text())["preprocessing"]
    assert stored["columns"] == mine.preset.preprocessing.columns
    assert stored["metadata"][-4:] == [
        *("host_mag", "host_mag_known"),
        *("sgscore", "sgscore_known"),
    ]
    card = (folder / "README.md").read_text()
    assert "| host_mag | (value - " in card.replace("\\_", "_")
    for loaded in (zoo.load(folder), Runtime.load(folder)):
        pd.testing.assert_frame_equal(
            zoo.classify(loaded, *tables()), zoo.classify(mine, *tables())
        )
    golden = Runtime.load(folder).reference()
    known = np.isfinite(column_values(golden.metadata, "host_mag"))
    assert known.any()
    assert not known.all()
    inputs = np.load(folder / "golden.npz")["input_metadata"]
    assert len(np.unique(inputs[:, -4])) > 2


def test_a_model_without_such_columns_writes_what_it_wrote(tmp_path):
    folder = zoo.save(small_model(), tmp_path / "toy")
    assert (
        "columns" not in json.loads((folder / "zoo.json").read_text())["preprocessing"]
    )
    assert "further" not in np.load(folder / "golden.npz")
    assert Preset.from_dict(small_model().preset.to_dict()) == small_model().preset


def test_pickles_and_copies_keep_it(mine):
    runtime = pickle.loads(pickle.dumps(Runtime.of(mine)))
    pd.testing.assert_frame_equal(
        zoo.classify(runtime, *tables()), zoo.classify(mine, *tables())
    )
    again = type(mine).from_config(mine.get_config())
    assert again.preset == mine.preset


@pytest.mark.filterwarnings("ignore:the fluxes seem to be too small")
@pytest.mark.parametrize("model", ["mine", "photoz"])
def test_a_stream_says_what_classify_says_to_the_bit(model, mine, tmp_path):
    photometry, metadata = tables(2)
    if model == "photoz":
        mine = trained(("sgscore",), **PHOTOZ)
        metadata["redshift_err"] = np.arange(len(metadata)) % 4 / 50
        metadata = metadata.drop(columns="host_mag")
    expected = zoo.classify(mine, photometry, metadata)
    order = photometry.sort_values("mjd", kind="stable")
    half = len(order) // 2
    stream = Stream(mine)
    stream.push(order.iloc[:half], metadata)
    saved = stream.save(tmp_path / "stream.npz")
    stream = Stream.restore(saved, mine)
    said = [stream.push(order.iloc[half:], metadata)]
    table = pd.concat(said)
    both = expected.loc[table.index]
    pd.testing.assert_frame_equal(table, both, check_exact=True)


def test_a_new_redshift_brings_its_own_error_to_a_stream():
    model = small_model(**PHOTOZ)
    photometry, metadata = labelled(1).to_tables()
    one = metadata["object_id"] == metadata["object_id"][0]
    photometry = photometry[photometry["object_id"] == metadata["object_id"][0]]
    photometry = photometry.sort_values("mjd")[:20]  # within the window
    first = metadata[one].assign(redshift=0.2, redshift_err=0.05)
    then = (
        metadata[one]
        .assign(redshift=0.21)
        .drop(columns="redshift_err", errors="ignore")
    )
    stream = Stream(model)
    stream.push(photometry.iloc[:-1], first)
    found = stream.push(photometry.iloc[-1:], then)
    pd.testing.assert_frame_equal(
        found, zoo.classify(model, photometry, then), check_exact=True
    )


def test_a_stream_says_once_what_it_does_not_use():
    photometry, metadata = labelled(1).to_tables()
    photometry = photometry.sort_values("mjd")
    stream = Stream(small_model())
    wide = metadata.assign(colour=0.5, redshift=0.1, redshift_err=0.03)
    with pytest.warns(UserWarning) as said:
        stream.push(photometry.iloc[:9], wide)
        stream.push(photometry.iloc[9:20], wide)
    assert [str(one.message).split()[0] for one in said] == [
        "redshift_err",
        "toy-gru@v1.2.3",
    ]


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".arrow"])
@pytest.mark.parametrize("where", ["metadata", "photometry"])
def test_large_files_are_classified_as_small_ones(
    mine, suffix, where, tmp_path, monkeypatch
):
    from test_table_parts import write

    photometry, metadata = tables(8)
    expected = zoo.classify(mine, photometry, metadata)
    if where == "photometry":
        further = metadata[["object_id", "host_mag", "sgscore"]]
        metadata = metadata.drop(columns=["host_mag", "sgscore"])
        photometry = photometry.merge(further, on="object_id")
        pd.testing.assert_frame_equal(
            zoo.classify(mine, photometry, metadata), expected
        )
    monkeypatch.setattr(files, "ROWS", 300)
    parts = TableParts(
        write(photometry, tmp_path / f"photometry{suffix}"),
        write(metadata, tmp_path / f"metadata{suffix}"),
        ReadOptions(**mine.preset.preprocessing.reads),
        scratch=tmp_path,
    )
    tally, runtime = Tally(), Runtime.of(mine)
    found = pd.concat(classify_parts(runtime, parts, tally))
    assert not tally.unused.messages("it")
    np.testing.assert_allclose(
        found.loc[expected.index].iloc[:, :-1], expected.iloc[:, :-1], atol=1e-6
    )


@pytest.mark.parametrize("kind", ["arrow", "dictionary"])
def test_rows_of_other_kinds_may_repeat_the_columns(mine, kind):
    photometry, metadata = tables()
    expected = zoo.classify(mine, photometry, metadata)
    further = metadata.drop(columns="label")
    rows = photometry.merge(further, on="object_id")
    given = pa.Table.from_pandas(rows) if kind == "arrow" else rows.to_dict("list")
    found = zoo.classify(mine, given)
    pd.testing.assert_frame_equal(found.loc[expected.index], expected)


def test_metadata_are_hidden_from_evaluate(mine):
    light_curves = from_tables(*tables())
    columns = mine.preset.preprocessing.columns
    hidden = light_curves.without_metadata(columns)
    assert hidden.metadata[["redshift", "mwebv", *columns]].isna().all().all()
    assert hidden.labels.tolist() == light_curves.labels.tolist()
    given = preprocess(hidden, mine.preset.preprocessing).metadata
    assert not given[:, -4:].any()


def test_transfer_model_takes_columns(tmp_path):
    folder = zoo.save(small_model(), tmp_path / "toy")
    outcome = transfer_model(
        folder,
        "toy",
        tables(10),
        name="toy",
        metadata=["host_mag"],
        progress=False,
    )
    assert set(outcome.model.preset.preprocessing.columns) == {"host_mag"}


def test_an_error_of_a_redshift_is_seen_by_a_model_that_knows_it():
    model = small_model(**PHOTOZ)
    photometry, metadata = labelled(1).to_tables()
    metadata["redshift"] = 0.2

    def said(**columns):
        return zoo.classify(model, photometry, metadata.assign(**columns)).iloc[:, :-1]

    exact = said()
    for same in (0.0, np.nan, None, ""):
        pd.testing.assert_frame_equal(said(redshift_err=same), exact)
    assert not np.allclose(said(redshift_err=0.1), exact)
    pd.testing.assert_frame_equal(
        said(redshift=np.nan, redshift_err=0.1), said(redshift=np.nan)
    )
    inputs = metadata_inputs(
        {
            "redshift": np.array([0.1, 0.1, np.nan], np.float32),
            "redshift_err": np.array([0.1, np.nan, 0.1], np.float32),
            "mwebv": np.full(3, 0.036, np.float32),
        },
        model.preset.preprocessing,
    )
    np.testing.assert_allclose(inputs[:, 2], [2, 0, 0], atol=1e-6)


def test_an_older_model_takes_redshifts_as_exact_and_says_so():
    model = small_model()
    photometry, metadata = labelled(1).to_tables()
    metadata["redshift"] = 0.2
    expected = zoo.classify(model, photometry, metadata)
    errors = [0.05, 0.0, None, 0.001, *[0.1] * (len(metadata) - 4)]
    with pytest.warns(UserWarning) as said:
        found = zoo.classify(model, photometry, metadata.assign(redshift_err=errors))
    assert [str(one.message) for one in said] == [
        "redshift_err is not used by toy-gru@v1.2.3, which takes a photometric "
        f"redshift ({len(metadata) - 3} of {len(metadata)} objects) as exact."
    ]
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
    exact = metadata.assign(redshift_err=0.0)  # nothing to say
    pd.testing.assert_frame_equal(zoo.classify(model, photometry, exact), expected)


@pytest.mark.parametrize("error", [-0.01, -9.0, 31.0, np.inf])
def test_an_error_that_none_can_be_is_refused(error):
    photometry, metadata = labelled(1).to_tables()
    with pytest.raises(ValueError, match="redshift_err is .*not between 0 and 30"):
        from_tables(photometry, metadata.assign(redshift_err=error))


def test_it_is_repeated_in_the_photometry_under_any_of_its_names():
    photometry, metadata = labelled(1).to_tables()
    wide = photometry.assign(z=0.3, zerr=0.02)
    found = from_tables(wide).metadata
    assert found["redshift_err"].dtype == np.float32
    assert (found["redshift_err"] == np.float32(0.02)).all()


def test_parts_join_what_they_say():
    light_curves = from_tables(*tables())
    first, second = light_curves.take(range(8)), light_curves.take(range(8, 16))
    known = Unused.of(first, Preprocessing())
    known.merge(Unused.of(second, Preprocessing()))
    whole = Unused.of(light_curves.take(range(16)), Preprocessing())
    # That of a star comes with packets, unasked.
    assert known.messages("it") == [
        "it does not use these columns of the metadata: host_mag (10 objects)."
    ]
    assert (known.objects, known.given) == (whole.objects, whole.given)


def test_the_command_takes_columns_up_and_lists_those_left(tmp_path, monkeypatch):
    from test_cli import fails, run

    monkeypatch.chdir(tmp_path)
    photometry, metadata = tables(10)
    metadata = metadata.assign(ra=1.0, colour=0.5)
    write_folder(from_tables(photometry, metadata), tmp_path / "table")
    zoo.save(small_model(), tmp_path / "toy")
    command = ("transfer", "toy", "--target", "x", "--data", "table", "--out")
    with pytest.warns(UserWarning) as once:
        printed = run(*command, "m", "--metadata", "host_mag")
    assert [str(one.message) for one in once] == [
        "x-gru does not use these columns of the metadata: colour (72 objects)."
    ]
    assert "column host_mag: known of 53 of 80 objects" in printed
    assert "--metadata could take up: sgscore, colour" in printed
    manifest = json.loads((tmp_path / "m" / "zoo.json").read_text())
    assert "--metadata host_mag " in manifest["training"]["command"]
    with pytest.warns(UserWarning, match=r"does not use .*: colour \(80 objects\)"):
        run("classify", "m", "table", "--out", "m.csv")
    run("verify", "m")
    said, measured = {}, ("evaluate", "m", "--data", "table", "--include-training")
    for flags in ((), ("--no-metadata",)):
        with pytest.warns(UserWarning, match="colour"):
            printed = run(*measured, "--json", *flags)
        said[flags] = json.loads(printed)["log_loss"]
    assert said[()] != said[("--no-metadata",)]
    label = metadata["label"].iloc[0]
    chosen = ("--class", label, "--completeness", "0.5", "--include-training", "--json")
    hidden = from_tables(photometry, metadata).without_metadata(("host_mag",))
    with pytest.warns(UserWarning, match="colour"):
        printed = run("thresholds", "m", "--data", "table", "--no-metadata", *chosen)
        expected = zoo.thresholds(
            "m", hidden, label, completeness=0.5, include_training=True
        )
    assert json.loads(printed)["threshold"] == expected["threshold"]
    refused = fails(*command, "n", "--metadata", "hostmag")
    assert "no column 'hostmag'. Did you mean 'host_mag'?" in refused
    assert not (tmp_path / "n").exists()
    assert "has a meaning of its own" in fails(*command, "n", "--metadata", "z")


def test_an_exported_file_says_how_to_compute_its_inputs(mine, tmp_path):
    from zoo.export.document import document

    facts = document(mine, "onnx").facts
    columns = mine.preset.preprocessing.columns
    assert facts["inputs"]["metadata"]["shape"] == ["batch", 7]
    assert f"{columns['host_mag']['median']:g}" in str(
        facts["inputs"]["metadata"]["features"]["host_mag"]
    )
    assert facts["preprocessing"]["columns"] == columns


def test_packets_of_elasticc_give_the_host_and_the_error_of_the_redshift():
    of = {"ra": 1.0, "decl": 2.0, "mwebv": 0.1, "z_final": 0.3, "z_final_err": 0.04}
    of |= {f"hostgal_mag_{band}": 20.0 + i for i, band in enumerate("ugrizY")}
    of |= {"hostgal_mag_g": 999.0, "hostgal_snsep": 0.5}
    source = alerts.elasticc_row(77, 61000.0, "g", 9000.0)
    dark = of | {"hostgal_snsep": -9.0, "z_final": -9.0, "z_final_err": -9.0}
    for place, known in enumerate((of, dark)):
        packet = alerts.lsst_packet(source | {"diaObjectId": 77 + place}, of=known)
        found = formats.read(packet).light_curves().metadata.iloc[0]
        assert found[["host_mag_u", "host_mag_r", "host_mag_y"]].tolist() == [
            20,
            22,
            25,
        ]
        assert np.isnan(found[["host_mag_g", "host_g_r"]].astype(float)).all()
        assert np.isnan(found["redshift"]) == np.isnan(found["redshift_err"]) == place
        assert np.isnan(found["host_offset"]) == place


def test_packets_of_ztf_give_the_nearest_source():
    row = alerts.ztf_row(2461000.5, 1, 19.0, "t")
    near = {"sgscore1": 0.02, "distpsnr1": 1.5, "sgmag1": 21.0, "srmag1": 20.5}
    near |= {"simag1": -999.0, "szmag1": None}
    packet = alerts.ztf_packet("ZTF26a", row | near)
    found = formats.read(packet).light_curves().metadata.iloc[0]
    names = ["sgscore", "host_offset", "host_mag_g", "host_mag_r", "host_g_r"]
    assert found[names].tolist() == [0.02, 1.5, 21.0, 20.5, 0.5]
    assert pd.isna(found[["host_mag_i", "host_mag_z"]]).all()


def test_hosts_of_packets_reach_a_model_without_a_word():
    rows = [alerts.ztf_row(2461000.5 + day, 1, 19.0, "t") for day in range(3)]
    near = {"sgscore1": 0.02, "distpsnr1": 1.5}
    packet = alerts.ztf_packet("ZTF26a", rows[2] | near, rows[:2])
    base = small_model()
    expected = base.classify(packet)
    model = widened(base, "sgscore")
    pd.testing.assert_frame_equal(model.classify(packet), expected)
    model = trained(("sgscore",))
    other = alerts.ztf_packet("ZTF26a", rows[2] | near | {"sgscore1": 0.9}, rows[:2])
    assert not model.classify(packet).equals(model.classify(other))
    known = pd.DataFrame({"object_id": ["ZTF26a"], "redshift": [0.1]})
    photometry = formats.read(packet).photometry
    both = pd.DataFrame({**known, "sgscore": [0.02]})
    pd.testing.assert_frame_equal(
        model.classify(packet, known), model.classify(photometry, both)
    )


def test_photometric_redshifts_of_plasticc_have_errors(tmp_path):
    from zoo.datasets.readers.surveys.plasticc import FORMAT

    table = pd.DataFrame(
        {
            "object_id": [1, 2],
            "hostgal_specz": [0.2, -9.0],
            "hostgal_photoz": [0.25, 0.5],
            "hostgal_photoz_err": [0.03, 0.04],
            "mwebv": 0.01,
            "target": 90,
        }
    )
    table.to_csv(tmp_path / "training_set_metadata.csv", index=False)
    rows = pd.DataFrame(
        {
            "object_id": [1, 1, 2, 2],
            "mjd": [60000.0, 60001.0] * 2,
            "passband": 2,
            "flux": 300.0,
            "flux_err": 5.0,
            "detected": 1,
        }
    )
    rows.to_csv(tmp_path / "training_set.csv", index=False)
    assert FORMAT.name == formats.detect(tmp_path)
    metadata = formats.read(tmp_path).light_curves().metadata
    np.testing.assert_allclose(metadata["redshift"], [0.2, 0.5])
    np.testing.assert_allclose(metadata["redshift_err"], [0.0, 0.04])


def test_one_recipe_draws_photometric_redshifts():
    drawn = [name for name, recipe in RECIPES.items() if recipe.photometric_redshifts]
    assert drawn == ["photometric"]
    usual = RECIPES["zoo"]
    both = ("photometric_redshifts", "redshift_outliers")
    assert replace(RECIPES["photometric"], **dict.fromkeys(both, 0.0)) == usual


def test_a_base_trained_for_photometric_redshifts_sees_their_errors(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    write_folder(labelled(4), tmp_path / "table")
    options = "train --data table --recipe photometric --units 4 --epochs 1".split()
    result = CliRunner().invoke(app, [*options, "--out", "m"])
    assert result.exit_code == 0, result.output
    model = zoo.load("m")
    assert "redshift_err" in model.preset.preprocessing.metadata
    exact, vague = labelled(1), labelled(1)
    vague.metadata["redshift_err"] = 0.2
    assert (model.classify(exact) != model.classify(vague)).to_numpy().any()
    refused = CliRunner().invoke(app, [*options, "--no-metadata", "--out", "n"])
    assert refused.exit_code == 2 and "omit --no-metadata" in refused.output
    assert not (tmp_path / "n").exists()
