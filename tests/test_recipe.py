"""Recipes: every value is checked when a recipe is made."""

from dataclasses import fields, replace

import numpy as np
import pytest

from zoo.recipe import RECIPES, Recipe, recipe_called

WRONG = {
    "epochs": [0, 2.5, True, None, "40"],
    "patience": [-1, 0.5, "5"],
    "batch_size": [0, 64.0],
    "learning_rate": [0.0, -1e-3, np.nan, np.inf, "fast"],
    "anneal": [1, None, "yes"],
    "balance": ["clases", "", None, 1],
    "prior": ["clases", "", 1],
    "snia_weight": [0, -2.0, np.nan],
    "metadata_dropout": [-0.1, 1.1, np.nan],
    "photometric_redshifts": [-0.1, 1.1, None],
    "redshift_scatter": [0.1, (0.1,), (0.2, 0.1), (0.0, 0.1), (0.1, 2.0), [0.1, 0.2]],
    "redshift_outliers": [-0.1, 1.1, True],
    "truncation": [-0.1, 2, None],
    "thinning": [1.5, "0.3"],
    "prefixes": [-1, 0.5, True, None],
    "folds": [-1, 0.5, True, None, 1],
    "calibrate": [0, "no"],
}


def test_every_value_of_a_recipe_is_tried():
    assert set(WRONG) == {field.name for field in fields(Recipe)}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name in WRONG for value in WRONG[name]]
)
def test_a_wrong_value_is_refused_by_name(name, value):
    with pytest.raises(ValueError, match=f"^recipe: {name} .*{value!r}"):
        Recipe(**{name: value})
    with pytest.raises(ValueError, match=f"^recipe: {name} "):
        replace(RECIPES["transfer"], **{name: value})


def test_a_misspelt_balance_is_told_the_nearest_and_all():
    with pytest.raises(ValueError) as refusal:
        Recipe(balance="clases")
    assert str(refusal.value) == (
        "recipe: balance 'clases' is not known. Did you mean 'classes'? Choose one of "
        "classes, families, roots."
    )


def test_a_number_out_of_range_is_told_the_range():
    with pytest.raises(ValueError) as refusal:
        Recipe(thinning=1.5)
    assert str(refusal.value) == (
        "recipe: thinning is 1.5, but must be a number from 0 to 1."
    )


def test_the_ends_of_the_ranges_and_numpy_numbers_are_accepted():
    recipe = Recipe(
        epochs=np.int64(1),
        patience=0,
        learning_rate=np.float32(1e-3),
        metadata_dropout=0,
        truncation=1.0,
        thinning=1,
    )
    assert replace(recipe, patience=None).patience is None


def test_a_recipe_is_found_by_its_name():
    assert recipe_called("zoo") is RECIPES["zoo"]
    with pytest.raises(ValueError, match="recipe 'zooo' is not known. Did you mean"):
        recipe_called("zooo")


@pytest.mark.parametrize(
    ("name", "value"), [("redshift_scatter", (0.02, 0.1)), ("redshift_outliers", 0.1)]
)
def test_numbers_of_photometric_redshifts_need_some(name, value):
    with pytest.raises(ValueError, match=f"^recipe: {name} is for photometric "):
        Recipe(**{name: value})
    Recipe(photometric_redshifts=0.5, **{name: value})
