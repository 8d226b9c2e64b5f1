"""Packets in memory: dictionaries, bytes, and messages of Kafka.

| bytes | schema |
|---|---|
| an Avro container (ZTF, Babamul, AMPEL) | in it |
| Confluent's wire format (Rubin): 0, its id, Avro | given, or of `lsst-alert-packet` |
| Avro alone (Fink) | given, or the key of the message |
| JSON (Lasair) | |

https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop
(wire format); https://github.com/astrolabsoftware/fink-client, consumer.py (the key).
What comes from Kafka is not trusted: see `zoo.datasets.readers.files.avro`.
"""

import io
from collections.abc import Iterator, Mapping, Sized
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from zoo.datasets.readers.files import avro, limits, text
from zoo.datasets.readers.files.source import Source, UnknownFormat

_CONFLUENT = b"\0"
_ID = slice(1, 5)  # big-endian
_RUBIN = "lsst.alert.packet"
_RUBIN_WHEEL = "lsst-alert-packet"
_SHOWN = 8  # bytes


def is_packet(item: Any) -> bool:
    """Whether an object is a packet: a dictionary, bytes, or a message of Kafka."""
    return isinstance(item, Mapping | bytes) or _is_message(item)


def _is_message(item: Any) -> bool:
    methods = (getattr(item, name, None) for name in ("value", "key", "offset"))
    return all(map(callable, methods))


def sources(item: Any, place: int, schema: Any = None) -> Iterator[Source]:
    """The packets that an object holds, each as a source.

    Args:
        item: a dictionary, bytes, or a message as of `confluent_kafka`.
        place: of the object in its list, for messages about it.
        schema: of Avro that is sent without it, as in
            `zoo.light_curves.photometry.ReadOptions`.

    Raises:
        UnknownFormat: bytes are of no known kind.
        ValueError: they are damaged, or their schema is not known.

    Example:
        >>> (source,) = sources(b'{"objectId": "a", "candidates": []}', 3)
        >>> source.name, source.kind, sorted(source.columns)
        ('packet 3', 'packet', ['candidates', 'objectId'])
    """
    name, key = f"packet {place}", None
    if _is_message(item):
        name = f"{item.topic()}[{item.partition()}]@{item.offset()}"
        if item.error() is not None:
            raise ValueError(f"{name} is an error of Kafka: {item.error()}. Handle it.")
        item, key = item.value(), item.key()
    if isinstance(item, Mapping):
        yield from _of_values(name, text.unwrapped(item))
        return
    if not isinstance(item, bytes) or not item:
        raise UnknownFormat(f"{name} is empty. Leave it out.")
    with limits.readable(name, "read"):
        try:
            values = _decoded(item, key, schema)
        except limits.Refused as error:
            raise limits.Refused(f"{name}: {error}") from error
    if not item.startswith(avro.MAGIC):
        yield from _of_values(name, values)
        return
    for number, value in enumerate(values):
        of = name if len(values) == 1 else f"{name}[{number}]"
        yield from _of_values(of, value)


def _of_values(name: str, value: Any) -> Iterator[Source]:
    """A packet, or a list of JSON."""
    if isinstance(value, Mapping):
        yield _source(name, value)
    elif isinstance(value, list):
        first: Any = value
        while isinstance(first, list) and first:
            first = first[0]
        columns = frozenset(first) if isinstance(first, dict) else frozenset()
        yield Source(name, "json", columns, value=value)
    else:
        raise UnknownFormat(f"{name} is a {type(value).__name__}, not a packet.")


def _source(name: str, value: Mapping[str, Any]) -> Source:
    nested, structs = [], []
    for key, one in value.items():
        is_list = isinstance(one, Sized) and not isinstance(one, str | bytes | Mapping)
        first = next(iter(one), None) if is_list else one
        if isinstance(first, Mapping):
            structs.append((key, frozenset(first)))
            inner = next(iter(first.values()), None)
            is_list |= isinstance(inner, Sized) and not isinstance(
                inner, str | bytes | Mapping
            )
        if is_list:
            nested.append(key)
    return Source(
        name,
        "packet",
        frozenset(map(str, value)),
        nested=frozenset(nested),
        structs=tuple(structs),
        value=value,
    )


def _decoded(data: bytes, key: bytes | None, schema: Any) -> Any:
    """What bytes hold: the packets of a container, one packet, or JSON."""
    if data.startswith(avro.MAGIC):
        return list(avro.packets(data))
    if schema is None and isinstance(key, bytes) and key.startswith(b"{"):
        schema = key
    if data.startswith(_CONFLUENT) and (schema is None or callable(schema)):
        number = int.from_bytes(data[_ID], "big")
        of_id = (
            schema_of_rubin(number) if schema is None else _of_registry(schema, number)
        )
        try:
            return avro.packet(data[_ID.stop :], of_id)
        except limits.Refused as error:
            raise limits.Refused(f"{_called(number)}: {error}") from error
    if schema is None:
        return _json(data)
    if callable(schema):
        raise limits.Refused(
            "it does not start with the id of a schema, as Confluent's wire format "
            "does. Give the schema itself."
        )
    known = _checked(schema)
    if data.startswith(_CONFLUENT):
        # 0 may also be the first field. Only one of both is a record up to the last
        # byte.
        try:
            return avro.packet(data[_ID.stop :], known)
        except limits.Refused:
            pass
    return avro.packet(data, known)


def _json(data: bytes) -> Any:
    try:
        start = text.decoded(data[: 2**16], whole=len(data) <= 2**16)
    except text.NotText:
        start = ""
    if not text.is_json(start):
        shown = " ".join(f"{byte:02x}" for byte in data[:_SHOWN])
        raise limits.Refused(
            f"its bytes ({shown}{' ...' if len(data) > _SHOWN else ''}) are no Avro "
            "container, no Confluent wire format and no JSON. If they are Avro alone, "
            "give its schema."
        )
    return text.json_value(io.BytesIO(data), Path("the packet"))[0]


def _called(number: int) -> str:
    """A schema by its id, and by the version of Rubin that has it: 100 times the major
    and the minor version."""
    major, minor = divmod(number, 100)
    return f"schema {number}{f' = Rubin {major}.{minor}' if major else ''}"


def _of_registry(schema: Any, number: int) -> avro.Schema:
    """The schema that a callable gives for an id."""
    try:
        found = schema(number)
    except LookupError:
        found = None
    if found is None:
        raise limits.Refused(
            f"{_called(number)} is not known to the given `schema`. Add it there."
        )
    return _checked(found)


def _checked(schema: Any) -> avro.Schema:
    """A schema that was given, as it is or as a client of a registry has it."""
    try:
        return avro.checked(getattr(schema, "schema_str", schema))
    except limits.Refused:
        raise
    except Exception as error:  # of JSON and of fastavro, of many kinds
        reason = str(error).partition("\n")[0][:80]
        raise limits.Refused(
            f"the schema is not one of Avro ({type(error).__name__}: {reason}). Give "
            "that of the producer."
        ) from error


@lru_cache
def schema_of_rubin(number: int) -> avro.Schema:
    """Rubin's schema of an id."""
    from fastavro.schema import load_schema

    try:
        spec = find_spec(_RUBIN)
    except ModuleNotFoundError:
        spec = None
    major, minor = divmod(number, 100)
    if spec is None or not spec.submodule_search_locations or not major:
        raise limits.Refused(
            f"{_called(number)} is needed. Give it as `schema`, or a function of the "
            "id that returns it; Rubin's come with `pip install transient-zoo[kafka]`."
        )
    folder = Path(spec.submodule_search_locations[0], "schema", f"{major}", f"{minor}")
    path = folder / f"lsst.v{major}_{minor}.alert.avsc"
    if not path.is_file():
        raise limits.Refused(
            f"{_called(number)} is not in {_RUBIN_WHEEL} {version(_RUBIN_WHEEL)}. Give "
            f"it as `schema`, or update: pip install -U {_RUBIN_WHEEL}."
        )
    return avro.checked(load_schema(path))
