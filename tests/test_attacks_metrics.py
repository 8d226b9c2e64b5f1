"""Forged measurements: signed again, as who means harm would, and refused or shown.

`metrics.json` is what cards, listings and pushes say of a model. Whatever a stranger
wrote there, each of them ends in a result or in a sentence.
"""

import contextlib
import copy
import io
import json
import random
import shutil
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from evil_strings import EVIL
from models import forge, labelled, small_model
from test_attacks_presets import short

import zoo
from zoo.card import write_card
from zoo.card.rewrite import rewrite
from zoo.cli.main import app
from zoo.cli.shell.exit_codes import run
from zoo.evaluation.metrics_file import measure, recorded
from zoo.hub.find import find
from zoo.hub.listing import models
from zoo.hub.pins import BUNDLED, bundled_ids
from zoo.model_folder.folder import open_folder
from zoo.model_folder.manifest import METRICS, to_json
from zoo.model_folder.metrics import metrics_text, read_metrics, to_metrics

NAN, INF, HUGE = float("nan"), float("inf"), 10**400
DEEP = json.loads("[" * 200 + "]" * 200)
HERE = Path(METRICS)
JUNK = (None, True, "", "text", 5, -1, 0.5, NAN, INF, HUGE, [], [1], {}, {"a": 1}, DEEP)
"""What an entry may be that should be something else."""


def but(*kinds):
    """The junk that is not of these kinds."""
    return [x for x in JUNK if not isinstance(x, kinds) or isinstance(x, bool)]


@pytest.fixture(scope="module")
def true():
    """A measurement on one table and on another, and a learning curve."""
    model, data = small_model(classes=("SNIa", "SNII", "TDE")), labelled()
    metrics = {
        **measure(model, data, name="toy light curves"),
        "days": zoo.evaluate(model, data, days=[2])["days"],
        "learning_curve": {
            "loss": [1.5, 1.25],
            "validation_loss": [1.5, 1.0],
            "best_epoch": 2,
        },
    }
    return recorded(
        metrics, measure(model, data, "SNIa,other", name="toy", where="a=b")
    )


@pytest.fixture(scope="module")
def measured(true, tmp_path_factory):
    """A folder with it."""
    folder = tmp_path_factory.mktemp("measured") / "toy"
    model = small_model(classes=("SNIa", "SNII", "TDE"))
    return zoo.save(model, folder, metrics=true)


def at(*path):
    """What puts a value at a place in a measurement."""

    def put(metrics, value):
        inner = metrics
        for key in path[:-1]:
            inner = inner[key]
        if value is ABSENT:
            del inner[path[-1]]
        else:
            inner[path[-1]] = value

    return put


ABSENT = object()
SHARES = [*but(float), NAN, INF, 1.5, -0.1, "0.9", [0.9]]
DEFINED = [*(x for x in SHARES if x != 0.5), ABSENT]
COUNTS = [*but(int), -1, True, 2**60, 3.0, "3", ABSENT]
TABLES = [*(x for x in JUNK if x != {}), ABSENT]
FORGED = {
    ("model",): [*but(str), "", "\x1b[2J", "x" * 200, ABSENT],
    ("revision",): [*but(str), "v1\n", "\ud800", ABSENT],
    ("data",): [*but(str), "\ud800", "x" * 200_000, ABSENT],
    ("where",): [*(x for x in but(str) if x is not None), "a=\udc80"],
    ("metadata",): [*(x for x in JUNK if x is not True), 1, 0, "true"],
    ("training_objects",): [*JUNK, "none", ["unknown"], {"unknown": 1}],
    ("n",): [*COUNTS, 0, 1, 5],
    ("n_excluded",): COUNTS,
    ("classes",): [
        *(*TABLES, "SNIa", ["SNIa"], ["SNIa", "SNII", "SNII"], ["SNIa", 1, None]),
        *(["SNIa", "SNII", "other"], ["SNIa", "SNII", "\x1b[2J"]),
        ["SNIa", "SNII", ["TDE"]],
    ],
    **{(key,): DEFINED for key in ("accuracy", "macro_f1", "balanced_accuracy", "ece")},
    ("log_loss",): [NAN, INF, HUGE, -1, 1e9, "1", None, True, ABSENT],
    ("macro_auroc",): [x for x in DEFINED if x is not None],
    ("micro_auroc",): [x for x in DEFINED if x is not None],
    ("per_class",): [*TABLES, {}, {"SNIa": 1}, {"SNIa": {"n": 3}}],
    ("per_class", "SNIa"): TABLES,
    ("per_class", "SNIa", "n"): [*COUNTS, 0],
    ("per_class", "SNIa", "auroc"): [x for x in SHARES if x is not None],
    ("per_class", "SNIa", "f1"): [x for x in DEFINED if x is not None],
    ("per_class", "SNIa", "average_precision"): [x for x in SHARES if x is not None],
    ("per_class", "SNIa", "intervals"): [*TABLES[:-1], {}, {"auroc": [0, 1]}],
    ("per_class", "SNIa", "intervals", "f1"): [*TABLES, [0.9, 0.1], [None, 0.5]],
    ("mostly_outside_window",): COUNTS[:-1],
    ("purity_completeness",): [*TABLES[:-1], {}, {"SNIa": None}],
    ("purity_completeness", "SNIa"): [
        *(x for x in JUNK if x is not None),
        *({"threshold": [0.5], "purity": [1]}, {"fpr": [0], "tpr": [0]}),
        {"threshold": [0.5], "purity": [1], "completeness": [0.5, 1]},
        {"threshold": [], "purity": [], "completeness": []},
        {"threshold": [5], "purity": [1], "completeness": [1]},
        {"threshold": [0.5], "purity": [NAN], "completeness": [1]},
    ],
    ("days",): [*(x for x in JUNK if x != {}), {"2": {}}, {"2": None}, {"x": {}}],
    ("days", "2"): [*TABLES[:-1], {"n": 5}],
    ("days", "2", "n"): [*COUNTS, 0, 1],
    ("days", "2", "trigger_not_confirmed"): [*COUNTS, 10_000],
    ("days", "2", "log_loss"): [NAN, -1, None, ABSENT],
    ("days", "2", "per_class"): TABLES,
    ("days", "2", "unknown"): [5],
    ("days", "2", "brightness_alone"): [*TABLES, {}],
    ("days", "2", "brightness_alone", "SNIa"): [*TABLES, {"auroc": 0.5}],
    ("days", "2", "brightness_alone", "SNIa", "auroc"): [
        x for x in SHARES if x is not None
    ],
    ("days", "2", "brightness_alone", "SNIa", "ranked_by"): [5, "", "\x1b[2J", [], {}],
    ("days", "2", "brightness_alone", "SNIa", "interval"): [3, [1], [0.9, 0.1], None],
    **{("days", day): [{}] for day in ("-1", "nan", "inf", "1e999", "two", "")},
    ("per_class", "AGN"): [{"n": 0}, None, 5],
    ("intervals",): [*TABLES, 3, {}, {"macro_auroc": [0, 1]}],
    ("intervals", "macro_auroc"): [
        *(*TABLES, [], [0.5], [0.1, 0.2, 0.3], [0.9, 0.1], [None, 0.5], [0.5, None]),
        *([NAN, 1], ["0", "1"], [-1, 2], [True, True], [[0], [1]], {"0": 0, "1": 1}),
    ],
    ("left_out",): [*TABLES[:-1], "text", {}, {"other_labels": 5}, {"excluded": 0}],
    ("left_out", "excluded"): COUNTS,
    ("left_out", "other_labels"): [
        *(x for x in JUNK if x != {}),
        *({"TDE": 1}, {"TDE": "1"}, {"\ud800": 0}, {"x" * 200_000: 0}, {"a": {}}),
    ],
    ("few",): [*JUNK, {"objects": True, "classes": []}, {"objects": 0, "classes": []}],
    ("diagnostics",): [*TABLES[:-1], {}],
    ("diagnostics", "confusion"): [
        ABSENT,
        *JUNK,
        *(
            [[1, 2], [3, 4]],
            [[1] * 3] * 2,
            [[1] * 3] * 3,
            [[0] * 3] * 3,
            [[-1] * 3] * 3,
        ),
        *([[NAN] * 3] * 3, [["1"] * 3] * 3, [[HUGE] * 3] * 3, [[[1]] * 3] * 3),
    ],
    ("diagnostics", "roc"): [*JUNK, {"SNIa": None}],
    ("diagnostics", "roc", "SNIa"): [
        *(x for x in JUNK if x is not None),
        *({"fpr": [0, 1]}, {"fpr": [0, 1], "tpr": [0]}, {"fpr": [], "tpr": []}),
        *(
            {"fpr": [0, 2], "tpr": [0, 1]},
            {"fpr": 0, "tpr": 1},
            {"fpr": "ab", "tpr": "ab"},
        ),
        *({"fpr": [None] * 2, "tpr": [0, 1]}, {"fpr": [0, 1], "tpr": [0, NAN]}),
    ],
    ("diagnostics", "reliability"): [
        ABSENT,
        *JUNK,
        *([{}], [{"n": 1}], [{"n": 32, "confidence": None, "accuracy": None}]),
        *([{"n": 32, "confidence": 2, "accuracy": 0}], [None] * 15),
        [{"n": 5, "confidence": 0.5, "accuracy": 0.5}],
    ],
    ("diagnostics", "by_days"): [
        *(x for x in JUNK if x != []),
        *([{}], [{"days": 2}], [None], [[2, 3]]),
        [{"days": "2", "n": 3, "macro_auroc": 0.5, "interval": [0, 1]}],
        [{"days": 2, "n": 3, "macro_auroc": 5, "interval": [0, 1]}],
        [{"days": 2, "n": 3, "macro_auroc": 0.5, "interval": 3}],
    ],
    ("learning_curve",): [*JUNK, {"loss": [1, 2]}, ABSENT][:-1],
    ("learning_curve", "loss"): [*JUNK, [1.0], "ab", [1, None], [1, NAN], [1, HUGE]],
    ("learning_curve", "validation_loss"): [
        *JUNK,
        [1.0],
        [[1], [2]],
        [1, "2"],
        [1, 1e300],
    ],
    ("learning_curve", "best_epoch"): [*COUNTS, 0, 3, -1, 1.0, None],
    ("more",): [
        *(x for x in JUNK if x != []),
        [None],
        [5],
        [{}],
        [[]],
        "ab",
        [{}] * 5000,
    ],
    ("more", 0, "n"): [*COUNTS, 1],
    ("more", 0, "per_class"): TABLES,
    ("more", 0, "intervals"): TABLES,
    ("more", 0, "more"): [[], None, 5],
    ("more", 0, "learning_curve"): [None, {}],
    ("unknown",): JUNK,
    ("__class__",): [5],
    ("\ud800",): [5],
    ("",): [5],
}
FORGERIES = [(path, value) for path, values in FORGED.items() for value in values]
WHOLE = (
    *(b"[]", b"null", b"5", b'"text"', b"true", b"0.5", b"[[]]", b'[{"n": 1}]'),
    *(b'{"n": "x"}', b'{"n": 1}', b'{"n": null}', b'{"per_class": 5}', b'{"more": []}'),
    *(b'{"more": [{}]}', b'{"data": "x"}', b'{"macro_auroc": 1}', b'{"few": {}}'),
    *(b"", b"{", b"\xff\xfe", b"\xef\xbb\xbf{}", b"NaN", b'{"n": NaN}', b"{'n': 1}"),
    *(b'{"n": 1e999}', b"[" * 100_000, b'{"a":' * 50_000, b"1" * 5000, b'"\\ud800"'),
    *(b'{"\\ud800": 1}', b"{}" * 2, b"\0", b"[" * 200 + b"]" * 200),
)


def spoilt(metrics, path, value):
    """A copy of the metrics with another value at a place."""
    metrics = copy.deepcopy(metrics)
    at(*path)(metrics, value)
    return metrics


def ended(*arguments):
    """Run a command; whether it ends in a result or a sentence, and what it says."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        code = run(lambda: app([str(one) for one in arguments]))
    said = err.getvalue()
    assert "Traceback" not in said + out.getvalue()
    assert code == 0 or short(said.strip().removeprefix("error: ")), said
    return code, said


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_hundreds_of_measurements_are_forged():
    assert len(FORGERIES) + len(WHOLE) > 600


def test_every_forged_measurement_is_refused_in_a_sentence(true):
    accepted, unreadable = [], []
    for path, value in FORGERIES:
        metrics = spoilt(true, path, value)
        for check, given in (
            (to_metrics, metrics),
            (partial(read_metrics, path=HERE), json.dumps(metrics).encode()),
        ):
            try:
                check(given)
            except ValueError as error:
                if type(error) is not ValueError or not short(str(error)):
                    unreadable.append((path, str(value)[:60], repr(error)[:300]))
            else:
                accepted.append((path, str(value)[:60]))
    assert not accepted
    assert not unreadable


@pytest.mark.parametrize("text", WHOLE, ids=range(len(WHOLE)))
def test_a_file_that_holds_something_else_is_refused_in_a_sentence(text):
    with pytest.raises(ValueError) as refusal:
        read_metrics(text, HERE)
    assert refusal.type is ValueError
    assert short(str(refusal.value))


COMMANDS = (
    ("verify", "{}"),
    ("card", "{}"),
    ("push", "{}", "astro/toy-gru", "--version", "2.0.0", "--dry-run"),
)


def check_every_door(folder):
    """Each command refuses a folder in a sentence and leaves it as it was.

    What loads it asks `metrics.json` for nothing.
    """
    before = content(folder)
    assert find(folder).folder.preset.model_id == "toy-gru"
    for command in COMMANDS:
        code, said = ended(*(part.format(folder) for part in command))
        assert code == 1
        assert METRICS in said
        assert content(folder) == before
    with pytest.warns(UserWarning, match="toy is left out: .*metrics.json"):
        assert len(models("toy", folder=folder.parent)) == 0
    assert content(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["toy"]


@pytest.mark.parametrize("number", range(0, len(FORGERIES), 12))
def test_a_forged_measurement_is_refused_at_every_door(
    hub, measured, true, tmp_path, number
):
    folder = shutil.copytree(measured, tmp_path / "toy")
    metrics = spoilt(true, *FORGERIES[number])
    (folder / METRICS).write_text(json.dumps(metrics, indent=2))
    forge(folder)
    check_every_door(folder)


@pytest.mark.parametrize("number", range(0, len(WHOLE), 3))
def test_a_file_of_something_else_is_refused_at_every_door(
    hub, measured, tmp_path, number
):
    folder = shutil.copytree(measured, tmp_path / "toy")
    (folder / METRICS).write_bytes(WHOLE[number])
    forge(folder)
    check_every_door(folder)


def test_what_would_be_refused_is_not_saved(measured, true, tmp_path):
    model, folder = zoo.load(measured), shutil.copytree(measured, tmp_path / "toy")
    before = content(folder)
    circle = {}
    circle["more"] = circle
    wanted = [
        *(spoilt(true, *one) for one in FORGERIES[::20]),
        *([], 5, "text", circle, {"n": 1}, {"n": {1, 2}}, {(1, 2): 3}, {1: 2}),
        *({"n": np.float32(1)}, {"data": "\ud800"}, DEEP, {"data": b"x"}, object()),
    ]
    for metrics in wanted:
        for write in (
            partial(zoo.save, model, folder, overwrite=True),
            partial(zoo.save, model, tmp_path / "new"),
            partial(rewrite, open_folder(folder), folder),
        ):
            with pytest.raises(ValueError) as refusal:
                write(metrics=metrics)
            assert refusal.type is ValueError
            assert short(str(refusal.value))
    assert content(folder) == before
    assert [path.name for path in tmp_path.iterdir()] == ["toy"]


@pytest.mark.parametrize("model_id", bundled_ids())
def test_the_measurements_of_the_zoo_are_as_they_were(model_id):
    path = BUNDLED / model_id / METRICS
    metrics = read_metrics(path.read_bytes(), path)
    for kept in (metrics, to_metrics(metrics)):
        texts = [to_json(kept), metrics_text(kept)]  # before 2.0.0, and since
        assert path.read_text(encoding="utf-8") in texts


def test_what_evaluate_and_measure_return_is_kept_unchanged(true):
    model, data = small_model(), labelled()
    some = data.object_id[:3].tolist()
    one_class = small_model(classes=("SNIa", "SNII"))
    returned = [
        zoo.evaluate(model, data),
        zoo.evaluate(model, data, "bts", name="a \x1b[2J name\n", exclude=some, seed=5),
        zoo.evaluate(model, data, classes="data", keep_all_passbands=True),
        zoo.evaluate(model, data, "bts", days=(0, 2.5, 1e7)),
        zoo.evaluate(model, data, classes="SNIa,other", include_training=True),
        zoo.evaluate(model, data.take(np.arange(5)), name="ein Ö"),
        zoo.evaluate(one_class, labelled(1)),
        zoo.evaluate(model, data.take(np.flatnonzero(data.labels == "SNIa"))),
        measure(model, data, classes="SNIa,SNII,AGN", name="toy"),
        measure(model, data, "bts", name="", metadata=False, where="a='b'"),
        measure(model, data.take(np.arange(1)), name="one", training="included"),
        true,
        {},
    ]
    for result in returned:
        kept = to_metrics(result)
        assert kept == result
        assert to_json(kept) == to_json(result)
        assert read_metrics(to_json(result).encode(), HERE) == result


def test_measurements_of_earlier_versions_are_read(true):
    """Those had neither what was left out nor what is too few, nor diagnostics."""
    later = ("left_out", "training_objects", "few")
    first = ("metadata", "where", "diagnostics", "learning_curve", "more")
    later = (*later, "mostly_outside_window", "purity_completeness", "days")
    for missing in (later, (*later, *first)):
        former = {key: value for key, value in true.items() if key not in missing}
        former["per_class"] = {
            label: {key: of[key] for key in ("n", "auroc", "precision", "recall", "f1")}
            for label, of in true["per_class"].items()
        }
        assert read_metrics(to_json(former).encode(), HERE) == former


def test_a_listing_shows_no_score_of_too_few_objects_whoever_wrote_it(tmp_path):
    model = small_model()
    metrics = zoo.evaluate(model, labelled(1), name="mine")
    del metrics["few"]
    zoo.save(model, tmp_path / "toy", metrics=metrics)
    row = models("toy", folder=tmp_path).iloc[0]
    assert np.isnan(row["macro_auroc"])
    assert row["data"] == "mine"


def places(value, path=()):
    """Every place in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, one in inner:
        yield (*path, key)
        if isinstance(one, dict | list):
            yield from places(one, (*path, key))


def mutated(metrics, generator):
    """A copy of the metrics with a few random changes at random places."""
    metrics = copy.deepcopy(metrics)
    for _ in range(generator.choice((1, 1, 1, 2, 5))):
        path = generator.choice(list(places(metrics)) or [("n",)])
        *above, last = path
        inner = metrics
        for key in above:
            inner = inner[key]
        old = inner[last] if last in inner or isinstance(inner, list) else None
        change = generator.randrange(8)
        if change == 0:
            del inner[last]
        elif change == 1 and isinstance(inner, dict):
            inner[generator.choice(("a", "", "\x1b[2J", "n", "more"))] = old
        elif change == 2 and isinstance(old, list | dict) and old:
            other = generator.choice(list(places(metrics)))
            inner[last] = copy.deepcopy(metrics[other[0]])
        elif change == 3 and isinstance(old, list):
            inner[last] = old * generator.choice((0, 2, 3)) or [[]]
        elif change == 4 and isinstance(old, int | float):
            factor = generator.choice((-1, 0, 0.5, 1 + 1e-9, 10, 1e30))
            inner[last] = type(old)(old * factor)
        else:
            inner[last] = copy.deepcopy(generator.choice(JUNK))
    return metrics


def spared(metrics, generator):
    """A copy of the metrics, changed in what may take other values."""
    metrics = copy.deepcopy(metrics)
    for _ in range(generator.randrange(1, 12)):
        one = generator.choice((metrics, *metrics.get("more", ())))
        key = generator.choice(("data", "where", "score", "class", "absent", "curve"))
        value = generator.choice((0, 1, 1.0, 0.5, 5e-324, 1 + 1e-7, None))
        if key in ("data", "where"):
            one[key] = generator.choice(EVIL)
        elif key == "score":
            name = generator.choice([*one["intervals"]])
            one[name] = value
            low = generator.choice((None, 0, 0.5, 1, value))
            one["intervals"][name] = [low, generator.choice((low, 1))]
        elif key == "class":
            of = one["per_class"][generator.choice(one["classes"])]
            of[generator.choice(("auroc", "precision", "recall", "f1"))] = value
        elif key == "absent":
            optional = ("few", "left_out", "metadata", "where", "diagnostics", "more")
            one.pop(generator.choice(optional), None)
        elif "diagnostics" in one:
            figure = generator.choice([*one["diagnostics"]])
            if figure == "roc":
                curve = {"fpr": [value], "tpr": [value]}
                name = generator.choice(one["classes"])
                one["diagnostics"]["roc"][name] = generator.choice((None, curve))
            elif figure == "by_days":
                points = one["diagnostics"]["by_days"]
                del points[generator.randrange(len(points) + 1) :]
                for point in points:
                    point["macro_auroc"] = value
            elif figure == "reliability":
                whole = {"n": one["n"], "confidence": 0, "accuracy": 1}
                one["diagnostics"]["reliability"] = [whole]
    name = json.dumps(
        generator.choice(("SNIa", "$x_{", "| <b> `_*", "[/] \\\\", "März"))
    )
    return json.loads(json.dumps(metrics).replace('"SNIa"', name))


@pytest.mark.parametrize(("change", "seeds"), [(mutated, 60), (spared, 12)])
def test_any_mutation_is_refused_in_a_sentence_or_makes_a_card(
    measured, true, tmp_path, monkeypatch, change, seeds
):
    """Figures are drawn but not written, which takes most of the time."""
    monkeypatch.setattr("zoo.card.figures.save", lambda figure, path: None)
    preset = open_folder(measured).preset
    refused = 0
    for seed in range(seeds):
        metrics = change(true, random.Random(seed))
        try:
            text = to_json(to_metrics(metrics)).encode()
        except ValueError as error:
            assert type(error) is ValueError
            assert short(str(error)), seed
            refused += 1
        else:
            write_card(preset, read_metrics(text, HERE), tmp_path)
    assert 0 < refused < seeds
