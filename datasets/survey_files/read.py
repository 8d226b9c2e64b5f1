"""Read a survey file, or one that comes with the package, and check all of it."""

import hashlib
import math
import re
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from zoo.datasets.names import SURVEY_FILES
from zoo.datasets.survey_files.keys import (
    PASSBAND,
    QUANTILES,
    SCORES,
    TABLES,
    TOP,
    checked,
    refuse_unknown,
    shown,
)
from zoo.passbands import PASSBANDS, Passband, passband_of
from zoo.passbands.curve import eighths
from zoo.passbands.files import read_curve
from zoo.passbands.toml import read_toml
from zoo.spelling import did_you_mean

_FOLDER = Path(__file__).parent / "known"

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MOST_PASSBANDS = 40  # of Gaia's and of all JWST filters there are fewer
_OF_CURVE = ("wavelength", "curve", "unit")
# Full width of a passband of which only the wavelength is known, as a share of it: that
# of SDSS r (Fukugita et al. 1996, AJ 111 1748).
_WIDTH = 0.22
# Depth of a reference image beyond that of a visit, mag: the mean of ten visits.
_TEMPLATE = 1.25


@dataclass(frozen=True)
class Observed:
    """How a survey observes in one passband.

    Attributes:
        passband: of the catalogue, or one of the file's own.
        samples: eight wavelengths, um, a mean over which represents the passband.
        depth: quantiles of the 5-sigma AB magnitude of a visit, at `QUANTILES`.
        template_depth: 5-sigma AB magnitude of the reference image.
        zeropoint: AB magnitude that gives one electron in a visit; None: the photons
            of the object itself add no noise.
        milky_way: A(passband) / E(B-V); None: that of the extinction law.
    """

    passband: Passband
    samples: tuple[float, ...]
    depth: tuple[float, ...]
    template_depth: float
    zeropoint: float | None
    milky_way: float | None


@dataclass(frozen=True)
class SurveyFile:
    """The content of a survey file, checked, with every default filled in.

    Attributes:
        name: of the survey.
        description: one sentence.
        source: where the numbers come from.
        passbands: in order of wavelength.
        tables: the values of every other table, by table and key.
    """

    name: str
    description: str
    source: str
    passbands: tuple[Observed, ...]
    tables: dict[str, dict[str, Any]]

    def to_tables(self) -> dict[str, Any]:
        """The same as tables of a survey file, every value written out."""
        passbands = {}
        for one in self.passbands:
            name, known = one.passband.name, PASSBANDS.get(one.passband.name)
            row = {
                "wavelength": None if known else one.passband.wavelength,
                "samples": None
                if known and known.samples == one.samples
                else [round(um, 4) for um in one.samples],
                "depth": [round(mag, 4) for mag in one.depth],
                "template_depth": round(one.template_depth, 4),
                "zeropoint": one.zeropoint,
                "milky_way": one.milky_way,
            }
            passbands[name] = {k: v for k, v in row.items() if v is not None}
        top = {k: getattr(self, k) for k in ("name", "description", "source")}
        others = {
            table: {k: v for k, v in values.items() if v is not None and _finite(v)}
            for table, values in self.tables.items()
        }
        return {**top, "passband": passbands, **others}

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits that change with the survey, not with its texts."""
        content = repr((self.name, self.passbands, sorted(self.tables.items())))
        return hashlib.sha256(content.encode()).hexdigest()[:12]


def from_tables(tables: dict[str, Any]) -> SurveyFile:
    """The survey that a file with these tables would hold.

    Raises:
        ValueError: as `read_survey`.
    """
    return _checked(Path(), tables)


def _finite(value: Any) -> bool:
    numbers = value if isinstance(value, tuple) else (value,)
    return not any(isinstance(one, float) and math.isinf(one) for one in numbers)


def read_survey(survey: str | PathLike[str]) -> SurveyFile:
    """Read a survey.

    Args:
        survey: one of `zoo.datasets.names.SURVEY_FILES`, or the path of a file.

    Raises:
        FileNotFoundError: it is neither.
        ValueError: the file cannot be read, has an unknown key, lacks one or has a
            value that is out of range.

    Example:
        >>> atlas = read_survey("atlas")
        >>> [one.passband.name for one in atlas.passbands]
        ['atlasc', 'atlaso']
    """
    path = Path(survey)
    if not path.is_file() and str(survey) in SURVEY_FILES:
        path = _FOLDER / f"{survey}.toml"
    tables = _tables(path)
    try:
        return _checked(path, tables)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def check_name(name: Any) -> str:
    """The name of a survey, which becomes part of ids and of names of files.

    Raises:
        ValueError: it cannot be one.
    """
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(
            f"name is {shown(name)}, but must be of 1 to 40 lower-case letters, digits "
            "and underscores and begin with a letter."
        )
    return name


def _tables(path: Path) -> dict[str, Any]:
    if not path.is_file():
        hint = did_you_mean(path.name, SURVEY_FILES)
        raise FileNotFoundError(
            f"{str(path)!r} is no survey file, nor the name of one that comes with the "
            f"package ({', '.join(SURVEY_FILES)}).{hint}"
        )
    return read_toml(path)


def _checked(path: Path, tables: dict[str, Any]) -> SurveyFile:
    like = tables.get("like")
    if like is not None:
        if not isinstance(like, str) or like not in SURVEY_FILES:
            raise ValueError(
                f"like is {shown(like)}, but must be one of {', '.join(SURVEY_FILES)}."
            )
        if like == path.stem and path.parent == _FOLDER:
            raise ValueError(f"like is {like!r}, the survey itself. Name another.")
        # What the file does not have, table by table, is the other survey's.
        base = _tables(_FOLDER / f"{like}.toml")
        tables = {k: v for k, v in base.items() if k not in TOP} | tables
    refuse_unknown("the file", tables, (*TOP, "passband", *TABLES))
    values = checked("the file", {k: tables[k] for k in TOP if k in tables}, TOP)
    name = check_name(values["name"])
    others = {
        table: checked(f"[{table}]", tables.get(table, {}), keys)
        for table, keys in TABLES.items()
    }
    passbands = _passbands(path, tables.get("passband"), others["noise"])
    _check_together(others, passbands)
    return SurveyFile(name, values["description"], values["source"], passbands, others)


def _passbands(path: Path, tables: Any, noise: dict[str, Any]) -> tuple[Observed, ...]:
    if not isinstance(tables, dict) or not 1 <= len(tables) <= _MOST_PASSBANDS:
        raise ValueError(
            f"it must have 1 to {_MOST_PASSBANDS} tables [passband.NAME], such as "
            "[passband.atlaso] with depth = 19.2."
        )
    observed = [_passband(path, *item, noise) for item in tables.items()]
    return tuple(
        sorted(observed, key=lambda one: (one.passband.wavelength, one.passband.name))
    )


def _passband(path: Path, name: str, table: Any, noise: dict[str, Any]) -> Observed:
    values = checked(f"[passband.{name}]", table, PASSBAND)
    described = {key: values[key] for key in _OF_CURVE if values[key] is not None}
    if not described and name not in PASSBANDS:
        raise ValueError(
            f"[passband.{name}] is not in the catalogue, and needs wavelength = 0.54 "
            '(um) or curve = "file.dat".'
        )
    passband = PASSBANDS.get(name)
    samples = values["samples"] or (passband.samples if passband else ())
    if described:
        passband = passband_of(path, name, described)
        if "curve" in described and not values["samples"]:
            samples = eighths(*map(np.asarray, read_curve(path, described)))
    if passband is None or not samples:
        at = (np.arange(8) + 0.5) / 8 - 0.5
        wavelength = described["wavelength"]
        samples = tuple((wavelength * (1 + _WIDTH * at)).tolist())
    depth = values["depth"]
    if not isinstance(depth, tuple):
        depth = tuple(depth + values["scatter"] * score for score in SCORES)
    template = values["template_depth"] or noise["template_depth"]
    return Observed(
        passband,
        tuple(samples),
        depth,
        template or depth[QUANTILES.index(0.5)] + _TEMPLATE,
        values["zeropoint"],
        values["milky_way"],
    )


def _check_together(
    tables: dict[str, dict[str, Any]], passbands: tuple[Observed, ...]
) -> None:
    """Refuse what is in order by itself but makes no survey."""
    known = [one.passband.name for one in passbands]
    for visited, *_ in tables["cadence"]["nights"]:
        for name in visited:
            if name not in known:
                hint = did_you_mean(name, known)
                raise ValueError(
                    f"[cadence]: nights names {name!r}, which is none of its passbands "
                    f"({', '.join(known)}).{hint}"
                )
    deepest = max(one.depth[-1] for one in passbands)
    shallowest, saturation = (tables["noise"][k] for k in ("shallowest", "saturation"))
    if shallowest is not None and shallowest >= deepest:
        raise ValueError(
            f"[noise]: shallowest is {shallowest:g}, and no visit is deeper than "
            f"{deepest:g}. Lower it."
        )
    brightest, faintest = tables["selection"]["limits"]
    if faintest > deepest + 1 or faintest <= saturation:
        raise ValueError(
            f"[selection]: limits are {brightest:g} and {faintest:g}, where a visit "
            f"sees objects from {max(saturation, 0):g} to {deepest:g} mag. Give limits "
            "within."
        )
    if tables["photometry"]["alerts"] + tables["photometry"]["detections_only"] > 1:
        raise ValueError(
            "[photometry]: alerts and detections_only are shares of the objects and "
            "add up to more than 1. The rest has forced photometry."
        )
