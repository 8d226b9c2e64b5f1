"""Measure a survey from unlabelled photometry, as the tables of a survey file."""

from zoo.datasets.measure_survey.measure import measure as measure
