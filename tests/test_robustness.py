"""Thousands of strange tables: each ends in probabilities that are finite and sum to 1,
in a row with a reason, or in one documented sentence; never in anything else.
"""

import re
import sys
import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, reject, settings
from hypothesis import strategies as st
from strange_tables import REASONS, Case, cases, expected, refusal

import zoo
from zoo.inference.parts import Tally, classify_parts
from zoo.inference.runtime import Runtime
from zoo.light_curves.parts import TableParts
from zoo.light_curves.photometry import ReadOptions
from zoo.light_curves.sources import files

QUICK, THOROUGH = 1_000, 20_000


@pytest.fixture(scope="module")
def runtime() -> Runtime:
    return Runtime.load("ztfsims-gru")


def outcome(
    call: Callable[[], pd.DataFrame], classes: tuple[str, ...]
) -> tuple[str, pd.DataFrame | None]:
    """Call, check what comes of it, and name it; the table, where there is one."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            table = call()
        except (ValueError, FileNotFoundError) as error:
            table, said = None, refusal(str(error))
    for one in caught:
        assert one.category is UserWarning and expected(str(one.message)), one
    if table is None:
        return f"refused: {said}", None
    return checked(table, classes), table


def checked(table: pd.DataFrame, classes: tuple[str, ...]) -> str:
    """Check every row of probabilities."""
    assert table.columns.tolist() == [*classes, "reason"]
    assert table.index.name == "object_id" and table.index.is_unique
    assert all(isinstance(name, str) and name for name in table.index)
    values, said = table[list(classes)].to_numpy(), table["reason"] == ""
    assert all(re.fullmatch(REASONS, reason) for reason in table["reason"])
    assert np.isfinite(values[said]).all() and (values[said] >= 0).all()
    np.testing.assert_allclose(values[said].sum(1), 1, atol=1e-5)
    assert np.isnan(values[~said]).all()
    if said.all():
        return "probabilities"
    return "probabilities and reasons" if said.any() else "reasons only"


def classified(case: Case, runtime: Runtime) -> pd.DataFrame:
    if case.zeropoint == 27.5 or not isinstance(case.photometry, pd.DataFrame):
        return zoo.classify(runtime, case.photometry, case.metadata)
    table = zoo.light_curves.table.from_tables(
        case.photometry, case.metadata, zeropoint=case.zeropoint
    )
    return zoo.classify(runtime, table)


def streamed(case: Case, runtime: Runtime) -> pd.DataFrame:
    stream = zoo.Stream(runtime)
    table = stream.push(case.photometry, case.metadata, zeropoint=case.zeropoint)
    if len(case.damages) == 1:  # all of it was seen before
        again = stream.push(case.photometry, case.metadata, zeropoint=case.zeropoint)
        np.testing.assert_array_equal(table.iloc[:, :-1], again.iloc[:, :-1])
    return table


def check(case: Case, runtime: Runtime, outcomes: Counter[str]) -> None:
    classes = runtime.preset.classes
    found, whole = outcome(lambda: classified(case, runtime), classes)
    outcomes[f"classify {found}"] += 1
    found, table = outcome(lambda: streamed(case, runtime), classes)
    outcomes[f"stream {found}"] += 1
    if whole is not None and table is not None:  # they say the same
        whole = whole.loc[table.index]
        both = (whole["reason"] == "") & (table["reason"] == "")
        assert (both | ((whole["reason"] != "") & (table["reason"] != ""))).all()
        np.testing.assert_allclose(table.iloc[:, :-1], whole.iloc[:, :-1], atol=1e-5)


def filed(case: Case, path: Path, suffix: str, runtime: Runtime) -> pd.DataFrame:
    """By way of files, part by part."""
    paths = []
    for name in ("photometry", "metadata"):
        frame = getattr(case, name)
        if frame is not None:
            paths.append(path / f"{name}{suffix}")
            with warnings.catch_warnings(action="ignore"):
                write(frame, paths[-1])
    options = ReadOptions(zeropoint=case.zeropoint)
    parts = TableParts(*paths, options=options, scratch=path)
    tally = Tally()
    tables = list(classify_parts(runtime, parts, tally))
    tally.announce(runtime, strict=True)
    return pd.concat(tables)


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write a frame, or skip what cannot be."""
    try:
        if path.suffix == ".csv":
            frame.to_csv(path, index=False)
        elif path.suffix == ".parquet":
            frame.to_parquet(path, index=False)
        else:
            frame.reset_index(drop=True).to_feather(path)
    except Exception:
        reject()


def example_settings(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )


def run(examples: int, runtime: Runtime) -> Counter[str]:
    outcomes = Counter[str]()

    @example_settings(examples)
    @given(cases())
    def tables(case: Case) -> None:
        check(case, runtime, outcomes)

    tables()
    return outcomes


@pytest.fixture
def counted(record_testsuite_property):
    """Print and record how many tables ended in what."""

    def show(outcomes: Counter[str]) -> None:
        for name, count in sorted(outcomes.items()):
            sys.stdout.write(f"{count:6} {name}\n")
            record_testsuite_property(f"tables: {name}", count)

    return show


def test_a_thousand_strange_tables(runtime, counted):
    outcomes = run(QUICK, runtime)
    counted(outcomes)
    said = sum(n for name, n in outcomes.items() if "probabilities" in name)
    assert QUICK / 4 < said < 2 * QUICK - QUICK / 4
    assert len(outcomes) > 20


def run_files(examples: int, runtime: Runtime, monkeypatch, path: Path):
    outcomes = Counter[str]()
    classes = runtime.preset.classes

    @example_settings(examples)
    @given(
        cases(),
        st.sampled_from([".parquet", ".csv", ".arrow"]),
        st.sampled_from([4, 30, 10_000]),
    )
    def tables(case: Case, suffix: str, rows: int) -> None:
        monkeypatch.setattr(files, "ROWS", rows)
        frames = isinstance(case.photometry, pd.DataFrame)
        if not frames or not isinstance(case.metadata, pd.DataFrame | None):
            reject()
        found, _ = outcome(lambda: filed(case, path, suffix, runtime), classes)
        outcomes[f"{suffix} {found}"] += 1
        assert not list(path.glob(".zoo*"))

    tables()
    return outcomes


def test_strange_tables_in_files(runtime, monkeypatch, tmp_path, counted):
    counted(run_files(QUICK // 4, runtime, monkeypatch, tmp_path))


@pytest.mark.slow
def test_twenty_thousand_strange_tables(runtime, counted):
    outcomes = run(THOROUGH, runtime)
    counted(outcomes)
    assert len(outcomes) > 30


@pytest.mark.slow
def test_five_thousand_strange_tables_in_files(runtime, monkeypatch, tmp_path, counted):
    counted(run_files(THOROUGH // 4, runtime, monkeypatch, tmp_path))
