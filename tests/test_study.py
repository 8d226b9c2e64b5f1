"""A study: protocols, trials that are kept, curves, headline numbers, the report."""

import json
import re
from multiprocessing import active_children

import numpy as np
import pytest
from models import labelled, small_model

import zoo
from zoo.classifier.layers import TRAIN
from zoo.light_curves import concatenate
from zoo.study.curves import DRAWS, Curves
from zoo.study.design import Design, Trial, trials, usable
from zoo.study.design import design as make_design
from zoo.study.figures import published_curves
from zoo.study.headline import convergence, labels_saved, share_of_full
from zoo.study.protocols import Method, paper_split
from zoo.study.report import write_report
from zoo.study.run import run
from zoo.study.trial import run_trial, train_base
from zoo.system.cores import cores
from zoo.taxonomy import BTS, ZTFSIMS

CODES = np.repeat([0, 1, 2, 3, 4], [600, 100, 200, 60, 40])


# === Protocols ===


def test_the_protocols_of_the_paper_are_its_own():
    codes = np.random.default_rng(0).permutation(np.repeat(range(5), 1250))
    bts = make_design("bts", "paper", BTS, codes)
    assert bts.labels[0] == 100 and bts.labels[-1] == 4000 and len(bts.labels) == 19
    assert bts.runs == 5 and bts.methods[0].train == "head"
    assert [m.train for m in bts.methods[2:]] == [("head",), "all"]
    lsst = make_design("lsst", "paper", ZTFSIMS, np.arange(13_000) % 12)
    assert lsst.labels[-2:] == (9000, 10_000) and len(lsst.labels) == 19
    assert lsst.methods[0].train == "gru+head"
    assert {m.recipe for m in lsst.methods} == {"paper"}


def test_the_papers_split_is_not_stratified_and_the_same_in_every_run():
    design = make_design("lsst", "paper", BTS, CODES, labels=[50])
    first, second = design.parts(CODES, 50, 0), design.parts(CODES, 50, 3)
    assert np.array_equal(first.train, second.train)
    assert (len(first.train), len(first.validation), len(first.test)) == (45, 5, 100)
    train, validation, test = paper_split(CODES, "lsst")
    assert np.array_equal(
        np.sort(np.concatenate([train, validation, test])), range(1000)
    )
    assert np.array_equal(first.train, train[:45])
    assert np.array_equal(first.validation, validation[:5])


def test_our_split_holds_out_two_fifths_of_every_class_differently_in_every_run():
    design = make_design("bts", "zoo", BTS, CODES)
    tests = [design.parts(CODES, 100, number).test for number in range(2)]
    assert not np.array_equal(*tests)
    for test in tests:
        assert np.bincount(CODES[test]).tolist() == [240, 40, 80, 24, 16]
    chosen = design.parts(CODES, 100, 0)
    assert len(chosen.train) + len(chosen.validation) == 100
    assert set(CODES[np.concatenate([chosen.train, chosen.validation])]) == set(
        range(5)
    )
    used = np.concatenate([chosen.train, chosen.validation, chosen.test])
    assert len(np.unique(used)) == len(used)


def test_more_labels_contain_other_objects_but_never_tested_ones():
    design = make_design("bts", "zoo", BTS, CODES)
    for labels in design.labels:
        chosen = design.parts(CODES, labels, 1)
        assert not set(chosen.test) & set(chosen.train) | set(chosen.test) & set(
            chosen.validation
        )


def test_our_labels_end_with_thirty_percent_and_all():
    design = make_design("bts", "zoo", BTS, CODES)
    assert design.pool == 600
    assert design.labels == (100, 180, 200, 400, 600)
    beside = design.methods[2]
    assert design.tried(beside) == (100, 180, 200)
    assert design.tried(design.methods[1]) == design.labels


def test_a_quick_study_says_what_it_leaves_out():
    design = make_design("bts", "zoo", BTS, CODES, quick=True)
    assert len(design.methods) == 2 and design.runs == 2 and len(design.labels) == 3
    text = "; ".join(design.left_out)
    assert "transfer from anysims-gru" in text and "3 of 5 runs" in text
    assert "the numbers of labels" in text


def test_a_quick_study_of_the_paper_trains_no_bases():
    design = make_design("bts", "paper", BTS, CODES, quick=True)
    assert [m.base for m in design.methods] == ["ztfsims-gru-paper", None]
    assert "base models of its own: ztfsims-gru-paper" in "; ".join(design.left_out)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"labels": [601]}, ValueError, "601 labels are more than the 600"),
        ({"protocol": "mine"}, KeyError, "'mine' is not known"),
        ({"codes": np.arange(5)}, ValueError, None),
    ],
)
def test_what_cannot_be_planned_is_refused(change, error, message):
    arguments = {"protocol": "zoo", "codes": CODES, "labels": (), **change}
    protocol, codes = arguments.pop("protocol"), arguments.pop("codes")
    if message is None:
        design = make_design("bts", protocol, BTS, codes, **arguments)
        assert design.labels  # five objects of five classes still make a plan
        return
    with pytest.raises(error, match=message):
        make_design("bts", protocol, BTS, codes, **arguments)


def test_usable_leaves_out_what_a_target_has_no_place_for():
    light_curves, classes, codes = usable(labelled(2), "bts")
    assert classes == BTS and len(light_curves) == len(codes) == 16
    _, classes, _ = usable(labelled(2), "lsst")
    assert classes == ZTFSIMS
    with pytest.raises(KeyError, match="'des' is not known"):
        usable(labelled(2), "des")


def test_a_base_takes_up_the_passbands_of_the_labels_before_it_is_measured(tmp_path):
    # Of half of the objects, it knows no passband before.
    parts = [
        labelled(4, bands=bands) for bands in (("ztfg", "ztfr"), ("lsstz", "lssty"))
    ]
    for number, part in enumerate(parts):
        part.object_id[:] = [f"{one}-{number}" for one in part.object_id]
    light_curves, classes, codes = usable(concatenate(parts), "lsst")
    base = Method("transfer", "ztfsims-gru-paper", "gru+head", "paper")
    design = Design("lsst", "paper", classes, (base,), (40,), 1, len(codes))
    found = run_trial(Trial("transfer", 40, 0), design, light_curves, tmp_path)
    losses = found["fit"]["validation_loss"]
    assert len(losses) == found["fit"]["epochs"] + 1 and np.isfinite(losses).all()


# === Curves and headline numbers ===


def result(method, labels, number, value, **fit):
    replicates = {"macro_auroc": [value + x for x in (-0.01, 0.0, 0.01)]}
    scores = {"macro_auroc": value, "replicates": replicates}
    found = {"method": method, "labels": labels, "run": number, "with_metadata": scores}
    return found | ({"fit": fit} if fit else {})


def curves(points: dict) -> Curves:
    """Curves of two methods, `points` by method and labels."""
    return Curves.of(
        [
            result(*key, number, value)
            for key, value in points.items()
            for number in (0, 1)
        ],
        "macro_auroc",
        "with_metadata",
    )


def test_a_point_is_the_median_with_an_interval_around_it():
    found = Curves.of(
        [
            result("a", 10, number, value)
            for number, value in enumerate((0.7, 0.8, 0.9))
        ],
        "macro_auroc",
        "with_metadata",
    )
    value, low, high = found.point("a", 10)
    assert value == 0.8 and 0.69 <= low < value < high <= 0.91
    assert len(found.draws["a", 10]) == DRAWS


def test_labels_saved_lies_between_the_points_on_a_logarithmic_scale():
    found = curves(
        {
            ("transfer", 100): 0.7,
            ("transfer", 1000): 0.9,
            ("scratch", 100): 0.5,
            ("scratch", 1000): 0.8,
        }
    )
    value, low, high = labels_saved(found, "transfer", "scratch")
    assert value == pytest.approx(1 - 10**2.5 / 1000)
    assert low <= value <= high


def test_labels_saved_is_all_without_a_label_and_nothing_where_never_reached():
    found = curves({("a", 0): 0.9, ("a", 100): 0.95, ("b", 100): 0.6})
    assert labels_saved(found, "a", "b") == (1, 1, 1)
    assert labels_saved(found, "b", "a") == (0, 0, 0)


def test_a_ratio_is_paired_so_that_its_interval_is_narrow():
    found = curves({("a", 300): 0.8, ("b", 1000): 0.8})
    value, low, high = share_of_full(found, "a", "b", 300)
    assert value == low == high == 1
    assert share_of_full(found, "b", "b", 300) is None  # 300 was not tried


def test_convergence_is_the_share_of_the_epochs_to_the_baselines_best_loss():
    results = [
        result("b", 10, 0, 0.5, validation_loss=[2.0, 1.5, 1.2, 1.0, 1.1]),
        result("a", 10, 0, 0.5, validation_loss=[2.0, 0.9, 0.8]),
        result("b", 10, 1, 0.5, validation_loss=[2.0, 1.5, 1.0]),
        result("a", 10, 1, 0.5, validation_loss=[0.9, 0.8]),
        result("b", 10, 2, 0.5, validation_loss=[2.0, 1.0]),
        result("a", 10, 2, 0.5, validation_loss=[2.0, 1.5]),
    ]
    value, low, high = convergence(results, "a", "b", 10)
    assert value == pytest.approx(1 / 3) and low == 0 and high == np.inf


def test_the_published_curves_are_those_of_the_paper():
    bts, lsst = published_curves("bts"), published_curves("lsst")
    assert (bts["transfer"][100], bts["transfer"][4000]) == (0.589, 0.722)
    assert bts["from scratch"][4000] == 0.708
    assert (lsst["transfer"][3000], lsst["transfer"][10_000]) == (0.778, 0.839)
    assert (lsst["from scratch"][3000], lsst["from scratch"][10_000]) == (0.645, 0.836)
    assert lsst["output only"][10_000] == 0.655


# === Trials, for real ===


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A small base model as a folder, in the classes of the toy light curves."""
    return str(zoo.save(small_model(seed=1), tmp_path_factory.mktemp("base") / "toy"))


@pytest.fixture(scope="module")
def light_curves():
    return usable(labelled(20), "bts")


def test_a_study_has_a_process_for_every_core(base, light_curves, tmp_path):
    design = toy_design(base, light_curves, runs=1)
    processes = []
    run(
        design,
        light_curves[0],
        tmp_path / "study",
        data="toy",
        progress=lambda *_: processes.append(len(active_children())),
    )
    assert processes[0] == min(cores(), len(trials(design)))


def toy_design(base: str, light_curves, **changes) -> Design:
    codes = light_curves[2]
    methods = (
        Method("transfer", base),
        Method("from scratch", None, "all", "paper"),
    )
    whole = make_design("bts", "zoo", BTS, codes, labels=[40], runs=2)
    from dataclasses import replace

    return replace(whole, methods=methods, **changes)


def test_a_study_runs_is_kept_and_goes_on(base, light_curves, tmp_path):
    design = toy_design(base, light_curves, runs=1)
    out, steps = tmp_path / "study", []

    def note(what, done, total):
        steps.append((what, done, total))

    def go():
        return run(design, light_curves[0], out, data="toy", workers=1, progress=note)

    results = go()
    assert len(results) == len(trials(design)) == 3
    assert [done for _, done, _ in steps] == [1, 2, 3]
    trained = [r for r in results if r["labels"]]
    assert all(r["n"] == 64 for r in results)
    everything = {*TRAIN["all"]}
    assert all(set(r["fit"]["trained"]) == everything for r in trained)
    for r in trained:
        assert r["fit"]["objects"] == 36
        assert len(r["fit"]["validation_loss"]) == r["fit"]["epochs"] + 1
        assert set(r["by_days"]) == {"2", "5", "10", "20", "50"}

    # Nothing is computed twice; what is missing is, and gives the same.
    files = sorted((out / "cells").iterdir())
    ages = [file.stat().st_mtime_ns for file in files]
    assert go() == results
    assert [file.stat().st_mtime_ns for file in files] == ages
    zero = out / "cells" / Trial("transfer", 0, 0).name
    before = zero.read_text()
    zero.unlink()
    assert go() == results
    assert zero.read_text() == before

    with pytest.raises(ValueError, match="holds a study with other data"):
        run(design, light_curves[0], out, data="other", workers=1)

    summary = write_report(results, design, out, data="toy", seconds=1.0)
    assert json.loads((out / "results.json").read_text())["n"] == 64
    assert set(summary["headline"]["transfer"]) == {
        "labels_saved",
        "share_of_scratch",
        "share_of_itself",
        "convergence",
    }
    text = (out / "report.md").read_text()
    figures = re.findall(r"\]\((\w+\.png)\)", text)
    assert {"learning_curves.png", "convergence.png", "by_days.png"} <= set(figures)
    for name in figures:
        assert (out / name).read_bytes().startswith(b"\x89PNG")
        assert (out / name).with_suffix(".pdf").is_file()


def test_trials_of_a_run_share_their_objects_and_do_not_depend_on_order(
    base, light_curves, tmp_path
):
    design = toy_design(base, light_curves)
    first = Trial("transfer", 40, 0)
    alone = run_trial(first, design, light_curves[0], tmp_path)
    run_trial(Trial("from scratch", 40, 0), design, light_curves[0], tmp_path)
    again = run_trial(first, design, light_curves[0], tmp_path)
    for timed in (alone, again):
        timed["fit"].pop("seconds")
    assert alone == again


def test_a_method_that_cannot_start_without_labels_is_refused(
    base, light_curves, tmp_path
):
    design = toy_design(base, light_curves)
    with pytest.raises(
        ValueError, match="from scratch cannot classify without a label"
    ):
        run_trial(Trial("from scratch", 0, 0), design, light_curves[0], tmp_path)


def test_a_folder_of_something_else_is_refused(base, light_curves, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    design = toy_design(base, light_curves)
    with pytest.raises(ValueError, match="is not empty and is not a study"):
        run(design, light_curves[0], tmp_path, data="toy", workers=1)


def test_the_papers_bases_see_light_curves_alone_in_the_targets_classes(tmp_path):
    train_base(labelled(6), BTS, tmp_path / "base-0", name="toy", run=0)
    model = zoo.load(tmp_path / "base-0")
    assert model.preset.classes == BTS
    assert model.preset.preprocessing.features == "paper"
    assert not model.preset.preprocessing.metadata
    assert model.preset.training["seed"] == 0
