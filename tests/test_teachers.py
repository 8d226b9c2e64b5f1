"""Teachers of every kind, and what their students may be measured on."""

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from models import SMALL, labelled, small_model
from numpy.testing import assert_array_equal

import zoo
from zoo.classifier.layers import trained_layers
from zoo.inference.runtime import Runtime
from zoo.model_folder.preset import Preset
from zoo.passbands import CATALOGUE
from zoo.taxonomy import ZTFSIMS
from zoo.training.labels.labelled import labelled_inputs
from zoo.training.teachers import Lesson
from zoo.training.train_model import train_model

QUICK = {"epochs": 1, "progress": False}


@cache
def with_brightness():
    """A teacher that looks at a further column, and data that have it."""
    data = labelled(8)
    brightness = np.linspace(18, 22, len(data))
    data = replace(data, metadata=data.metadata.assign(host_mag=brightness))
    teacher = small_model(seed=1).transfer("x", classes=ZTFSIMS, metadata=["host_mag"])
    zoo.fit(teacher, data, **QUICK)
    return teacher, data


@pytest.mark.parametrize(
    ("teachers", "message"),
    [
        ("ztfsims-gru", "teachers is 'ztfsims-gru'; it must be a list"),
        (None, "teachers is None; it must be a list"),
        ([3], "3 cannot teach. Give what zoo.load returns"),
        ([Runtime], "cannot teach. Give what zoo.load returns"),
    ],
)
def test_what_is_no_list_of_models_is_refused(teachers, message):
    with pytest.raises(ValueError, match=message):
        zoo.fit(small_model(), labelled(), teachers=teachers)


def far_away(data):
    infrared = [passband.name for passband in CATALOGUE].index("f158")
    return replace(data, band=np.full_like(data.band, infrared))


@pytest.mark.filterwarnings("ignore:left out")
@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"class_weight": {"SNIa": 1.0}}, ValueError),
        ({"validation": "nowhere"}, FileNotFoundError),
        ({"teachers": "far"}, ValueError),
    ],
)
def test_a_fit_that_is_refused_leaves_the_model_as_it_was(options, error):
    model = small_model().transfer(target="bts")
    before, weights, trained = model.preset, model.get_weights(), trained_layers(model)
    if "teachers" in options:
        options = {"teachers": [small_model(classes=before.classes)]}
    with pytest.raises(error):
        zoo.fit(model, far_away(labelled(20)), **options, **QUICK)
    assert (model.preset, model.split) == (before, {})
    assert trained_layers(model) == trained
    for first, last in zip(weights, model.get_weights(), strict=True):
        assert_array_equal(first, last)


@pytest.mark.filterwarnings("ignore:toy-gru does not use these columns")
def test_a_teacher_sees_its_own_columns_also_where_rows_repeat_them():
    teacher, data = with_brightness()
    photometry, metadata = data.to_tables()
    flat = photometry.merge(metadata, on="object_id")
    students = [small_model(), small_model()]
    for student, given in zip(students, (data, flat), strict=True):
        zoo.fit(student, given, teachers=[teacher], **QUICK)
    for first, last in zip(*(one.get_weights() for one in students), strict=True):
        assert_array_equal(first, last)


def test_a_teacher_that_misses_a_column_says_so_by_its_name():
    teacher, _ = with_brightness()
    message = "no column 'host_mag', which x-gru@v0.0.0 uses"
    with pytest.warns(UserWarning, match=message):
        zoo.fit(small_model(), labelled(8), teachers=[teacher], **QUICK)


@pytest.mark.filterwarnings("ignore:.* can classify 4 of the 8 objects")
def test_a_passband_is_unknown_to_the_teacher_that_is_named():
    data, one_hot = labelled(2), np.eye(12, dtype=np.float32)[:8]
    half = far_away(data.take(np.arange(4)))
    data = zoo.light_curves.concatenate([half, data.take(np.arange(4, 8))])
    with pytest.warns(UserWarning, match=r"f158: toy-gru@v1.2.3 was tr.* um\.$"):
        Lesson.of([small_model()], data, one_hot)


def test_teachers_may_have_other_wavelengths_for_passbands_of_the_catalogue():
    student = small_model()
    other = {**student.preset.preprocessing.wavelengths, "ztfg": 0.4806}
    teacher = small_model(seed=1, wavelengths=other)
    zoo.fit(student, labelled(8), teachers=[teacher], **QUICK)


def test_a_lesson_depends_on_neither_neighbours_nor_order():
    data, student = labelled(8), small_model()
    teachers = [small_model(seed=1, features="paper"), small_model(seed=2, metadata=())]
    train = labelled_inputs(data, student.preset)
    some, one_hot = data.take(train.index), train.one_hot(12)
    lesson = Lesson.of(teachers, some, one_hot)
    order = np.random.default_rng(0).permutation(len(some))[:5]
    few = Lesson.of(teachers, some.take(order), one_hot[order])
    for first, last in ((few, lesson.take(order)),):
        np.testing.assert_allclose(first.told, last.told, atol=1e-6)
        np.testing.assert_allclose(first.untold, last.untold, atol=1e-6)


def test_objects_of_a_teacher_do_not_judge_its_student():
    data = labelled(12)
    teacher = small_model(seed=1)
    zoo.fit(teacher, data.take(np.arange(40)), **QUICK)
    student = small_model()
    report = zoo.fit(student, data, teachers=[teacher], recipe="transfer", **QUICK)
    unseen = {*data.object_id} - {one for ids in teacher.split.values() for one in ids}
    objects = report.objects + report.validation_objects
    assert report.comparison["n"] == len(unseen) < objects == len(data)
    probabilities, truth = report.left_out
    assert len(probabilities) == len(truth) == len(unseen)


def test_a_model_that_teaches_itself_is_judged_by_what_is_new_to_it():
    model = small_model()
    report = zoo.fit(model, labelled(8), teachers=[model], recipe="transfer", **QUICK)
    assert report.comparison["n"] == report.objects + report.validation_objects


def test_a_report_is_printed_without_its_arrays_and_compared():
    report = zoo.fit(small_model(), labelled(8), recipe="transfer", **QUICK)
    assert "array" not in repr(report)
    assert replace(report, left_out=(report.left_out[0].copy(), None)) == report


def test_a_student_is_not_measured_on_what_its_teachers_learned(tmp_path):
    data = labelled(20)
    preset = Preset("mine-gru", ("SNIa", "other"), architecture=SMALL)
    options = {"name": "mine", "epochs": 1, "progress": False}
    first = train_model(preset, data, seed=1, **options)
    folder = zoo.save(first.model, tmp_path / "teacher", split=first.split)
    second = train_model(preset, data, seed=2, teachers=[folder], **options)
    used = {one for ids in first.split.values() for one in ids}
    own = {*second.split["train"], *second.split["validation"]}
    assert used - own  # which would be measured on
    assert second.metrics["n"] == len({*data.object_id} - used - own)
    student = zoo.save(second.model, tmp_path / "student", split=second.split)
    listed = pd.read_csv(student / "split.csv")
    assert {*listed["object_id"]} == used | own
    assert {*listed["part"]} == {"train", "validation", "teachers"}


def test_a_student_of_which_no_object_is_left_is_measured_on_its_validation_part(
    tmp_path,
):
    data = labelled(10)
    preset = Preset("mine-gru", ("SNIa", "other"), architecture=SMALL)
    split = {"train": data.object_id.tolist()}
    folder = zoo.save(small_model(preset.classes), tmp_path / "teacher", split=split)
    outcome = train_model(
        *(preset, data),
        name="mine",
        epochs=1,
        teachers=[folder],
        simulated=True,
        progress=False,
    )
    assert outcome.metrics["data"] == "mine (validation part)"
    assert outcome.metrics["training_objects"] == "included"
