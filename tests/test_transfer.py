"""Transfer: what is copied, what starts where, and what a real fit moves."""

import warnings
from dataclasses import replace

import keras
import numpy as np
import pytest
from models import labelled, small_model, weights

import zoo
from zoo.classifier.layers import TRAIN, copy_backbone
from zoo.inference.runtime import predict
from zoo.inputs.preprocess import preprocess
from zoo.recipe import RECIPES
from zoo.taxonomy import BTS, collapse


def moved(before: dict, after: dict) -> set[str]:
    return {
        name.partition("/")[0]
        for name in before
        if not np.array_equal(before[name], after[name])
    }


@pytest.mark.parametrize("train", ["head", "gru+head", ["gru_2"]])
def test_a_fit_moves_the_chosen_layers_and_no_other(train):
    base = small_model()
    source = weights(base)
    new = base.transfer("lsst", train=train)
    before = weights(new)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        recipe = replace(RECIPES["transfer"], epochs=1, folds=0)
        report = zoo.fit(new, labelled(), recipe=recipe, progress=False)
    frozen = ["head is frozen" in str(one.message) for one in caught]
    assert frozen == [True] * ("head" not in report.trained)
    chosen = set(TRAIN[train] if isinstance(train, str) else train)
    assert moved(before, weights(new)) == set(report.trained) == chosen
    assert moved(source, weights(base)) == set()
    assert (report.temperature == 1) == ("head" not in chosen)  # a frozen head stays


@pytest.mark.parametrize(("target", "layers"), [("bts", "head"), ("lsst", "gru+head")])
def test_auto_is_the_choice_of_the_paper_until_labels_are_known(target, layers):
    report = small_model().transfer(target).transfer_report
    assert set(report.trainable) == set(TRAIN[layers])
    assert report.auto


def test_a_fit_chooses_the_layers_of_auto_once_and_honours_those_frozen_later():
    # Keras alone goes on training what was trainable in the first fit.
    model = small_model().transfer("lsst")
    before = weights(model)
    recipe = replace(RECIPES["transfer"], folds=0)
    report = zoo.fit(model, labelled(), recipe=recipe, epochs=1, progress=False)
    everything = set(TRAIN["all"])
    assert moved(before, weights(model)) == set(report.trained) == everything
    assert set(model.transfer_report.trainable) == everything
    assert model.transfer_report.frozen == () and not model.transfer_report.auto
    model.get_layer("gru_1").trainable = False
    before = weights(model)
    zoo.fit(model, labelled(), recipe=recipe, epochs=1, progress=False)
    assert moved(before, weights(model)) == everything - {"gru_1"}


def test_all_means_every_layer_from_the_start():
    report = small_model().transfer("lsst", train="all").transfer_report
    assert set(report.trainable) == set(TRAIN["all"])
    assert report.frozen == () and not report.auto


def test_backbone_is_copied_by_name():
    base = small_model()
    new = base.transfer("bts", seed=3)
    old, fresh = weights(base), weights(new)
    for name in new.transfer_report.copied:
        np.testing.assert_array_equal(old[name], fresh[name])
    assert {n.partition("/")[0] for n in new.transfer_report.copied} == {
        "gru_1",
        "gru_2",
        "light_curve_dense",
        "metadata_dense",
        "merge_dense",
        "latent",
    }


def test_shared_classes_keep_their_rows_and_new_ones_are_drawn():
    base = small_model()
    new = base.transfer("mine", classes=["TDE", "KN", "SNIb"], seed=1)
    old, fresh = weights(base), weights(new)
    for column, label in ((0, "TDE"), (2, "SNIb")):
        at = base.preset.classes.index(label)
        np.testing.assert_array_equal(
            fresh["head/kernel"][:, column], old["head/kernel"][:, at]
        )
        assert fresh["head/bias"][column] == old["head/bias"][at]
    assert new.transfer_report.new == ("KN",)
    again = base.transfer("mine", classes=["TDE", "KN", "SNIb"], seed=1)
    np.testing.assert_array_equal(weights(again)["head/kernel"], fresh["head/kernel"])
    other = base.transfer("mine", classes=["TDE", "KN", "SNIb"], seed=2)
    assert not np.array_equal(weights(other)["head/kernel"], fresh["head/kernel"])


def test_coarser_classes_start_as_the_collapsed_base():
    base = small_model()
    base.golden = labelled(20)
    new = base.transfer("bts")
    assert dict(new.transfer_report.mapped)["SNIb/c"] == ("SNIb", "SNIc", "SNIc-BL")
    inputs = preprocess(labelled(3), base.preset.preprocessing)
    expected = collapse(predict(base, inputs), base.preset.classes, BTS)
    np.testing.assert_allclose(predict(new, inputs), expected, atol=0.02)


def test_other_takes_the_classes_without_a_place():
    new = small_model().transfer("mine", classes=["SNIa", "other"])
    assert dict(new.transfer_report.mapped)["other"] == (
        *("SNIb", "SNIc", "SNIc-BL", "SNII", "SNIIn", "SNIIb"),
        *("TDE", "SLSN-I", "AGN"),
    )


def test_parent_and_target_are_recorded():
    preset = small_model().transfer("lsst").preset
    assert (preset.parent, preset.survey) == ("toy-gru@v1.2.3", "lsst")
    assert preset.model_id == "lsst-gru"


def test_new_model_is_compiled():
    assert small_model().transfer("lsst").compiled


def test_unknown_layer_is_refused_with_the_names():
    with pytest.raises(ValueError, match="no layer gru_9 to train. It has gru_1"):
        small_model().transfer("lsst", train=["gru_9"])


def test_unknown_choice_is_refused():
    with pytest.raises(ValueError, match="train='half' is not known. Use auto, head"):
        small_model().transfer("lsst", train="half")


def test_no_layer_is_refused():
    with pytest.raises(ValueError, match="nothing would be trained"):
        small_model().transfer("lsst", train=[])


@pytest.mark.parametrize("target", ["", "_x", "été", "../x", "my survey"])
def test_a_target_that_is_no_name_is_refused(target):
    with pytest.raises(ValueError, match="is not a name"):
        small_model().transfer(target)


def test_classes_may_come_as_an_array():
    labels = labelled(1).metadata["label"].unique()
    assert small_model().transfer("x", classes=labels).preset.classes == tuple(labels)


def test_shapes_are_checked():
    with pytest.raises(ValueError, match="tensor gru_1/kernel has shape"):
        copy_backbone(small_model(features="paper"), small_model())


def test_missing_branch_is_refused():
    with pytest.raises(ValueError, match="no tensor 'metadata_dense/kernel'"):
        copy_backbone(small_model(metadata=()), small_model())


def test_tensor_names_are_layer_and_variable():
    # Also inside a name scope, which ends up in Keras' own paths.
    with keras.name_scope("outer"):
        names = set(weights(small_model()))
    assert {"gru_1/kernel", "gru_1/recurrent_kernel", "head/bias"} <= names
    assert len(names) == len(small_model().weights)
