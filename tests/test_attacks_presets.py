"""Forged presets: each is signed again, as who means harm would, and refused."""

import copy
import json
import os
import shutil

import pytest
from models import SMALL, forge

import zoo
from zoo.hub.find import find
from zoo.hub.listing import models
from zoo.hub.pins import BUNDLED, bundled_ids
from zoo.inputs.parameters import Preprocessing
from zoo.model_folder.manifest import read_manifest
from zoo.model_folder.preset import Preset

NAN, INF, HUGE = float("nan"), float("inf"), 10**400
DEEP = json.loads("[" * 200 + "]" * 200)
LONG = "x" * 1_000_000
JUNK = (
    None,
    True,
    "",
    "text",
    [],
    [1],
    {},
    {"a": 1},
    NAN,
    INF,
    -INF,
    HUGE,
    -HUGE,
    DEEP,
)
"""What an entry may be that should be something else."""


def but(*kinds):
    """The junk that is not of these kinds."""
    return [x for x in JUNK if not isinstance(x, kinds) or isinstance(x, bool)]


NAMES = ("reason", "object_id", "novelty", "trust", "mjd", "days_since_trigger")
LABELS = (
    *((name, "TDE") for name in NAMES),
    *(("SNIa", "SNIa"), ("SNIa", ""), ("SNIa", " TDE"), ("SNIa", "TDE\n")),
    *(("SNIa", "\x1b[2J"), ("SNIa", "\0"), ("SNIa", "a\u202eb"), ("SNIa", "\u200b")),
    *(
        ("SNIa", "\ud800"),
        ("SNIa", LONG),
        ("SNIa", None),
        ("SNIa", 1),
        ("SNIa", ["TDE"]),
    ),
    *((), [f"c{number}" for number in range(5000)]),
)
PREPROCESSING = {
    "features": [*but(str), "Scaled", "paper ", "__class__", LONG, "\x1b[2J"],
    "window": [
        *JUNK,
        *([70, -30], [0, 0], [1, 70], [-30, -1], [-30], [-30, 0, 70], [NAN, 70]),
        *([-30, NAN], [-INF, INF], [True, 70], ["-30", "70"], [-30, HUGE], [-1e9, 70]),
        *([[-30], [70]], [None, None], {"first": -30}),
    ],
    "pair_days": [*but(float), NAN, INF, -1, -0.001, 1e9, "30", [30]],
    "flux_scale": [*JUNK, 0, -500, 0.0, -0.0, 1e-30, 1e30, 5e-324, "500", False, [500]],
    "passbands": [
        *(x for x in JUNK if x != []),
        *(["ztfg", "ztfg"], ["ztfg", None], ["nowhere::x"], [LONG], [""], ["\x1b[2J"]),
        *(["ztfg", ["ztfr"]], [True], "ztfg"),
    ],
    "wavelengths": [
        *(x for x in JUNK if x not in ({}, {"a": 1})),
        *({"ztfg": x} for x in (NAN, INF, 0, -0.48, 1e30, 4805, "0.48", True, None)),
        *({"ztfg": x} for x in ([0.48], HUGE, {"um": 0.48}, 1e-30)),
        *({x: 0.5} for x in ("", "\x1b[2J", LONG, " mine", "a\nb", "\ud800")),
        [["ztfg", 0.48]],
    ],
    "wavelength_margin": [*but(float), NAN, -INF, -0.01, 1e9, "0.06", [0.06]],
    "metadata": [
        *(x for x in JUNK if x != []),
        *(["redshift", "redshift"], ["host_mass"], ["redshift_known_known"], ["label"]),
        *(["mwebv", None], "redshift", ["Redshift"], [LONG], [["redshift"]], [0]),
    ],
    "columns": [
        *(x for x in JUNK if x != {}),
        *({"host_mag": x} for x in ({}, None, 1, "x", [18.0, 1.0], {"median": 1.0})),
        *({name: {}} for name in ("redshift", "z", "flux", "redshift_err", "", LONG)),
        *({name: {}} for name in ("\x1b[2J", "\ud800", "a\nb", "mwebv_known")),
        {f"c{number}": {} for number in range(2000)},
    ],
    "metadata_fill": [
        *JUNK,
        *({"redshift": x, "mwebv": 0.04} for x in (NAN, INF, -INF, None, "0.1", True)),
        *({"redshift": x, "mwebv": 0.04} for x in ([0.1], HUGE, 1e30, -1e30)),
        *({"redshift": 0.1}, {"mwebv": 0.04}, {"Redshift": 0.1, "mwebv": 0.04}),
    ],
}
PREPROCESSING[""] = [
    {
        "metadata": ["redshift", "redshift_known", "mwebv", *inputs],
        "columns": {"host_mag": standard},
    }
    for inputs, standard in (
        *((["host_mag"], {}), (["host_mag_known"], {}), ([], {})),
        *((["host_mag", "host_mag_known", "a"], {}),),
        *(
            (["host_mag", "host_mag_known"], standard)
            for standard in (
                *({"median": 1.0}, {"median": 1.0, "scale": 0.0}, {"scale": 1.0}),
                *({"median": 1.0, "scale": -1.0}, {"median": NAN, "scale": 1.0}),
                *({"median": 1.0, "scale": INF}, {"median": HUGE, "scale": 1.0}),
                *({"median": "1", "scale": 1.0}, {"median": 1.0, "scale": None}),
                *({"median": 1.0, "scale": 1.0, "more": 1.0}, [1.0, 1.0], "x", None),
            )
        ),
    )
]
PRESET = {
    "model_id": [
        *but(str),
        *("", "../up", "a/b", "a b", "a\n", "\x1b[2J", "é", "-x", ".x", LONG, "x" * 97),
    ],
    "classes": [*JUNK, *map(list, LABELS)],
    "version": [
        *but(str),
        *("", "1", "1.2", "v1.2.3", "1.2.3.4", "01.2.3", "1.2.x", "1.2.3\n", LONG),
        *("1.2.-3", "1.2." + "9" * 5000, "\x1b[2J", "1.2.3-rc1"),
    ],
    "survey": [*(x for x in but(str)), "a\nb", "\x1b[2J", LONG, " bts", "\ud800"],
    "architecture": [
        *(x for x in JUNK if x != {}),
        *({"gru_1": x} for x in (0, -1, 1.0, NAN, True, "8", None, [8], 10**9, HUGE)),
        *({"head": 8}, {"gru_3": 8}, {"__class__": 8}),
    ],
    "preprocessing": [*(x for x in JUNK if x != {}), {"attention": 1}, {"__init__": 1}],
    "training": [
        *(x for x in JUNK if x != {} and x != {"a": 1}),
        *({"x": x} for x in (NAN, INF, HUGE, DEEP, LONG + "x", [LONG] * 2)),
        *({"labels": x} for x in ("5", 1.5, [5])),
        *({x: y} for x in ("data", "command") for y in (5, ["a"], {"a": 1}, False)),
        *({x: 1} for x in ("", "a\nb", LONG, "\ud800")),
    ],
    "parent": [*(x for x in but(str) if x is not None), "", "a\nb", "\x1b[2J", LONG],
    "ancestors": [
        *(x for x in JUNK if x != []),
        [""],
        [None],
        ["a\n"],
        [LONG],
        ["a"] * 2000,
    ],
    "license": [*but(str), "MIT\n", "\x1b[2J", LONG],
    "repository": [*but(str), "org", "a/b/c", "../x/y", "https://x", "a b/c", "a/b\n"],
    "zeta": [1],
    "schema_version": [None, "1", 2, -1, NAN, [1], {}, HUGE],
    "versions": [
        None,
        5,
        "x",
        ["keras"],
        {"keras": 3},
        {"keras": "\x1b[2J"},
        {"": "1"},
    ],
    "files": [None, 5, "x", ["README.md"], {"README.md": None}, {"README.md": "0"}],
}
FORGED = [
    *((name, value) for name, values in PRESET.items() for value in values),
    *(
        (f"preprocessing.{name}", value)
        for name, values in PREPROCESSING.items()
        for value in values
    ),
]


def signed(folder, name, value):
    """The manifest of a folder with one entry changed, signed."""
    where, _, inner = name.rpartition(".")
    entries = {inner: value}
    now = read_manifest(folder).entries
    if where:
        changes = {inner: value} if inner else value
        entries = {where: {**now[where], **changes}}
    elif (
        name in ("architecture", "preprocessing") and value and isinstance(value, dict)
    ):
        entries = {name: {**now[name], **value}}
    forge(folder, **copy.deepcopy(entries))


@pytest.fixture(scope="module")
def sound(tmp_path_factory, saved):
    return shutil.copytree(saved, tmp_path_factory.mktemp("sound") / "toy")


def test_at_least_two_hundred_presets_are_forged():
    assert len(FORGED) >= 200


def short(text):
    """Whether an error is one sentence or two, of a length that a person reads."""
    return 20 < len(text) < 700 and "\n" not in text and "\x1b" not in text


def test_every_forged_preset_is_refused_in_a_sentence(sound):
    """Also by what needs no Keras: what is refused is refused before any network."""
    content = (sound / "zoo.json").read_bytes()
    accepted, unreadable = [], []
    for name, value in FORGED:
        (sound / "zoo.json").write_bytes(content)
        try:
            signed(sound, name, value)
        except (ValueError, RecursionError):  # not even JSON can be written of it
            text = json.dumps({"schema_version": 1, name: "\ud800"})
            (sound / "zoo.json").write_text(text.replace(r'"\ud800"', "Infinity"))
        try:
            accepted.append(
                (name, read_manifest(sound).preset.model_id, str(value)[:60])
            )
        except ValueError as error:
            if not short(str(error)) or type(error) is not ValueError:
                unreadable.append((name, str(value)[:60], repr(error)[:300]))
    (sound / "zoo.json").write_bytes(content)
    assert not accepted
    assert not unreadable


@pytest.mark.parametrize("number", range(0, len(FORGED), 17))
def test_a_forged_preset_is_refused_by_all_that_load(saved, tmp_path, number):
    folder = shutil.copytree(saved, tmp_path / "toy")
    name, value = FORGED[number]
    try:
        signed(folder, name, value)
    except (ValueError, RecursionError):
        pytest.skip("JSON cannot hold it")
    for load in (
        zoo.load,
        zoo.classify,
        lambda name: zoo.pull(name, tmp_path / "copy"),
    ):
        with pytest.raises((ValueError, TypeError)) as refusal:
            load(folder, *([None] if load is zoo.classify else []))
        assert refusal.type is ValueError
    assert not (tmp_path / "copy").exists()
    with pytest.warns(UserWarning, match="toy is left out: "):
        assert len(models("toy", folder=tmp_path)) == 0


@pytest.mark.parametrize(("name", "values"), PREPROCESSING.items())
def test_what_load_would_refuse_cannot_be_made_and_saved(name, values):
    for value in values:
        if not (name == "wavelength_margin" and value == INF):
            with pytest.raises(ValueError):
                Preprocessing(**({name: value} if name else value))


@pytest.mark.parametrize(
    "name", ["model_id", "classes", "version", "training", "parent"]
)
def test_a_preset_in_memory_keeps_the_same_rules(name):
    entries = {"model_id": "toy-gru", "classes": ("SNIa", "TDE"), "architecture": SMALL}
    for value in PRESET[name]:
        with pytest.raises(ValueError):
            Preset(**{**entries, name: value})


def test_a_model_that_keeps_all_passbands_is_in_memory_alone(saved, tmp_path):
    folder = shutil.copytree(saved, tmp_path / "toy")
    with pytest.raises(ValueError, match="zoo.json"):
        signed(folder, "preprocessing.wavelength_margin", INF)
        find(folder)


@pytest.mark.parametrize("model_id", bundled_ids())
def test_the_presets_of_the_zoo_are_as_they_were(model_id):
    manifest = read_manifest(BUNDLED / model_id)
    assert manifest.preset.to_dict().items() >= {"model_id": model_id}.items()
    assert json.loads(manifest.content)["classes"] == list(manifest.preset.classes)


TRAINING = (
    {"labels": None, "seed": 3, "scores": [1, 2.5, None], "data": "mine:1.0.0"},
    {"corrections": ["a", "b"], "nested": {"a": {"b": [True, "x"]}}, "labels": 5},
    {},
)


@pytest.mark.parametrize("training", TRAINING)
def test_training_may_hold_any_json_that_is_not_endless(saved, tmp_path, training):
    folder = shutil.copytree(saved, tmp_path / "toy")
    signed(folder, "training", training)
    assert find(folder).folder.preset.to_dict()["training"] == training


def fifo(path):
    os.mkfifo(path)


def endless(path):
    path.symlink_to("/dev/zero")


def deep(path):
    path.write_text("[" * 100_000 + "]" * 100_000)


def large(path):
    with path.open("wb") as file:
        file.truncate(2**40)  # of holes, which take no room


def other(path):
    path.write_text("[1, 2]")


def bare(path):
    path.write_bytes(b"\xff\xfe\x00")


def folder_of_that_name(path):
    path.mkdir()


def loop(path):
    path.symlink_to(path)


STRANGE = (fifo, endless, deep, large, other, bare, folder_of_that_name, loop)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such files")
@pytest.mark.parametrize("name", ["zoo.json", "metrics.json", "golden.npz"])
@pytest.mark.parametrize("make", STRANGE)
def test_a_strange_file_holds_nobody_up(saved, tmp_path, make, name):
    folder = shutil.copytree(saved, tmp_path / "toy")
    (folder / name).unlink()
    make(folder / name)
    with pytest.raises((ValueError, FileNotFoundError)) as refusal:
        zoo.load(folder)
    assert short(str(refusal.value))
    seen = name != "golden.npz" and (make, name) != (loop, "zoo.json")
    if seen:  # by a listing
        (tmp_path / "here").mkdir()
        folder.rename(tmp_path / "here" / "toy")
        with pytest.warns(UserWarning, match="toy is left out: "):
            assert len(models("toy", folder=tmp_path / "here")) == 0
