"""Wherever a name is looked up, a wrong one is answered with the nearest."""

from pathlib import Path

import pytest

from zoo.datasets import registry
from zoo.datasets.readers import formats
from zoo.datasets.simulator import simulate
from zoo.export.write import check_out
from zoo.hub.find import find
from zoo.inputs.parameters import Preprocessing
from zoo.labels import canonical
from zoo.light_curves.accept import read
from zoo.light_curves.analytic import golden_light_curves
from zoo.recipe import Recipe, recipe_called
from zoo.spelling import did_you_mean
from zoo.taxonomy import resolve_classes

LOOKUPS = {
    "taxonomy": (lambda: resolve_classes("BTS"), "bts"),
    "label": (lambda: canonical("SN IIx"), "SNII"),
    "recipe": (lambda: recipe_called("ZOO"), "zoo"),
    "balance": (lambda: Recipe(balance="Roots"), "roots"),
    "survey": (lambda: registry.builder("ZTFsims"), "ztfsims"),
    "data set": (lambda: registry.find("LSSTsim"), "lsstsims"),
    "data": (lambda: read("BTS"), "bts"),
    "simulation": (lambda: next(simulate("BTS", objects=1, seed=0)), "bts"),
    "format": (lambda: formats.read([], format="Plasticc"), "plasticc"),
    "model": (lambda: find("ZTFSIMS-GRU"), "ztfsims-gru"),
    "features": (lambda: Preprocessing(features="Scaled"), "scaled"),
    "export": (lambda: check_out("ONNX", Path("m.onnx")), "onnx"),
    "column": (lambda: golden_light_curves().where("Label=SNIa"), "label"),
}


@pytest.mark.parametrize("kind", LOOKUPS)
def test_a_wrong_name_is_answered_with_the_nearest(kind):
    look_up, nearest = LOOKUPS[kind]
    with pytest.raises((KeyError, ValueError, FileNotFoundError)) as refusal:
        look_up()
    assert f"Did you mean '{nearest}'?" in str(refusal.value.args[0])


def test_a_name_that_resembles_none_is_answered_without_one():
    assert did_you_mean("moon", ["bts", "ztfsims"]) == ""
    assert did_you_mean(3, ["bts"]) == ""


def test_the_name_offered_shows_what_a_terminal_would_obey():
    assert did_you_mean("b\x1bts", ["b\x1b[ts"]) == " Did you mean 'b\\x1b[ts'?"
