"""Teachers of every kind, and what their students may be measured on."""

import pandas as pd
from models import SMALL, labelled, small_model

import zoo
from zoo.model_folder.preset import Preset
from zoo.training.run import train_model


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
