"""One object with its observations in lists, as in the JSON of Lasair and of ALeRCE.

| broker | lists |
|---|---|
| Lasair, ZTF | `candidates`, `forcedphot` |
| Lasair, LSST | `diaSourcesList`, `diaForcedSourcesList`, also below `alert` |
| ALeRCE | `detections`, `forced_photometry`, `non_detections` |

https://github.com/lsst-uk/lasair-lsst, docs/source/core_functions; the messages of
Lasair's Kafka streams are such objects. https://api.alerce.online.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from zoo.datasets.readers.brokers import packets
from zoo.datasets.readers.brokers.fields import IDS, Columns, identity, scalars
from zoo.datasets.readers.brokers.observations import observations
from zoo.light_curves.photometry import DEFAULT, ReadOptions

LISTS = {
    "detections": packets.HISTORY,
    "candidates": packets.HISTORY,
    "forced_photometry": packets.FORCED,
    "forcedphot": packets.FORCED,
    "diaSourcesList": packets.HISTORY,
    "diaForcedSourcesList": packets.FORCED,
}
"""Where the rows are, and what they are."""

LIMITS = ("non_detections", "diaNondetectionLimitsList")
"""Lists without fluxes."""

NO_NAME = "an object has no name (objectId, diaObjectId or oid). Add it."
"""The error of an object that nothing names."""

_POSITIONS = (("ra", "dec"), ("ra", "decl"))


def has_lists(value: Any) -> bool:
    """Whether a JSON value holds objects with their observations in lists; Lasair's
    messages have them below `alert`, and its light curves are lists of lists."""
    return any(
        _has_lists(one) for one in (value if isinstance(value, list) else [value])
    )


def _has_lists(one: Any) -> bool:
    if isinstance(one, list):
        return bool(one) and isinstance(one[0], Mapping)
    if not isinstance(one, Mapping):
        return False
    alert = one.get("alert")
    inner = alert if isinstance(alert, Mapping) else {}
    return not LISTS.keys().isdisjoint({*one, *inner})


def objects(value: Any) -> Iterator[Mapping[str, Any]]:
    """The objects of a JSON value: one, a list, or lists of the rows of one each."""
    for one in value if isinstance(value, list) else [value]:
        yield {"candidates": one} if isinstance(one, list) else one


def document(
    content: Mapping[str, Any],
    left_out: Counter[str],
    options: ReadOptions = DEFAULT,
    *,
    otherwise: str | None = None,
) -> packets.Object:
    """What one object holds.

    Args:
        content: the object, or message, as a dictionary.
        left_out: what is left out is counted here, by reason.
        options: what names of passbands stand for.
        otherwise: its name, where the object has none.

    Returns:
        The rows, and the metadata: `ra`, `dec` (deg), `redshift` and `mwebv`, such
        as Lasair's `ebv`, where they are given.

    Raises:
        KeyError: a field is missing.
        ValueError: a value breaks a rule, or nothing names the object.

    Example:
        >>> source = {"midpointMjdTai": 61000.5, "band": "r", "psfFlux": 1000.0,
        ...     "psfFluxErr": 50.0}
        >>> message = {"diaObjectId": 7, "ra": 1.5, "decl": 2.5,
        ...     "alert": {"diaSourcesList": [source]}}
        >>> rows, metadata = document(message, Counter())
        >>> len(rows[0][0]), metadata
        (1, {'object_id': '7', 'ra': 1.5, 'dec': 2.5})
    """
    alert = content.get("alert")
    if isinstance(alert, Mapping):
        content = {**content, **alert}
    inner = content.get("diaObject")
    known = {**inner, **content} if isinstance(inner, Mapping) else content
    parts = [(key, content[key]) for key in LISTS if content.get(key)]
    name = _name(known, [one for _, part in parts for one in part]) or otherwise
    if name is None:
        raise ValueError(NO_NAME)
    rows = []
    for key, part in parts:
        rows += observations(name, Columns(part), LISTS[key], left_out, options)
    for key in LIMITS:
        left_out["upper limits"] += len(content.get(key) or ())
    return rows, {"object_id": name} | _metadata(known, [part for _, part in parts])


def _name(known: Mapping[str, Any], rows: list[Mapping[str, Any]]) -> str | None:
    """The name of the object, or that of all its rows."""
    for key in IDS:
        if (name := identity(known.get(key))) is not None:
            return name
    names = {identity(one.get(key)) for one in rows for key in IDS} - {None, "0"}
    if len(names) > 1:
        different = ", ".join(sorted(map(str, names))[:3])
        raise ValueError(f"one list has rows of several objects: {different}. Part it.")
    return next(iter(names), None)


def _metadata(known: Mapping[str, Any], parts: list[list]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in (known, *(row for part in parts for row in part)):
        for ra, dec in _POSITIONS:
            if one.get(ra) is not None and one.get(dec) is not None:
                found = {"ra": one[ra], "dec": one[dec]}
                break
        if found:
            break
    for ours, field in scalars(known).items():
        if known[field] is not None:
            found[ours] = known[field]
    return found
