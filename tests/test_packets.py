"""Alert packets in memory, as dictionaries, bytes and messages of Kafka, at every door.

What they hold is tested with the files of `test_formats.py`: here, a packet must be
read as the file that holds it.
"""

import gzip
import json
import random
import tracemalloc
import warnings
from io import BytesIO
from pathlib import Path

import alert_files as alerts
import fastavro
import pandas as pd
import pyarrow.parquet as pq
import pytest

import zoo
from zoo.datasets.readers.formats import read
from zoo.light_curves.table import Unobserved

MODEL = "multisims-gru"


def days(row, number: int = 5) -> list[dict]:
    return [row(day) for day in range(0, 3 * number, 3)]


def ztf(name: str = "ZTF26a") -> dict:
    rows = days(lambda day: alerts.ztf_row(2461000.5 + day, 1 + day % 2, 19.0, "t"))
    return alerts.ztf_packet(name, rows[-1], rows[:-1])


def rubin(name: int = 170028500009812345) -> dict:
    rows = days(lambda day: alerts.lsst_row(name, 61000.0 + day, "r", 9000.0))
    return alerts.lsst_packet(rows[-1], rows[:-1], of={"ra": 1.0, "dec": 2.0})


def elasticc() -> dict:
    rows = days(lambda day: alerts.elasticc_row(77, 61000.0 + day, "g", 9000.0))
    more = {"ra": 1.0, "decl": 2.0, "mwebv": 0.1, "z_final": 0.2}
    return alerts.lsst_packet(rows[-1], rows[:-1], of=more)


def babamul() -> dict:
    rows = days(lambda day: alerts.babamul_row(2460980.5 + day, "r", 3e8, 1e7))
    return alerts.babamul("ZTF26b", 46.4, rows)


def lasair() -> dict:
    row = {"midpointMjdTai": 61000.0, "band": "r", "psfFlux": 9e3, "psfFluxErr": 90.0}
    rows = days(lambda day: row | {"midpointMjdTai": 61000.0 + day})
    content = {"diaObjectId": 7, "ra": 1.5, "decl": 2.5, "UTC": "2026-01-01"}
    return content | {"alert": {"diaSourcesList": rows}}


def alerce() -> dict:
    row = {"oid": "ZTF26c", "fid": 1, "magpsf": 19.0, "sigmapsf": 0.1, "isdiffpos": 1}
    rows = days(lambda day: row | {"mjd": 61000.0 + day})
    return {"detections": rows, "non_detections": [{"mjd": 60990.0, "fid": 1}]}


def fink() -> dict:
    rows = days(lambda day: 2461000.5 + day)
    lists = {"cjd": rows, "cfid": [1] * 5, "cmagpsf": [19.0] * 5}
    lists |= {"csigmapsf": [0.1] * 5, "cisdiffpos": ["t"] * 5}
    return {"objectId": "ZTF26d", **lists}


AVRO = {
    "ztf_alerts": (alerts.ZTF, ztf()),
    "lsst_alerts": (alerts.LSST, rubin()),
    "ELAsTiCC": (alerts.ELASTICC, elasticc()),
    "boom": (alerts.BABAMUL, babamul()),
}
JSON = {"Lasair": lasair(), "ALeRCE": alerce()}
FORMAT = {"ELAsTiCC": "lsst_alerts", "Lasair": "broker_export"}
FORMAT |= {"ALeRCE": "broker_export"}


def alone(schema: dict, packet: dict) -> bytes:
    file = BytesIO()
    fastavro.schemaless_writer(file, schema, packet)
    return file.getvalue()


def container(schema: dict, packet: dict, **options) -> bytes:
    file = BytesIO()
    fastavro.writer(file, schema, [packet], **options)
    return file.getvalue()


def confluent(schema: dict, packet: dict, number: int = 1101) -> bytes:
    return b"\0" + number.to_bytes(4, "big") + alone(schema, packet)


class Message:
    """What a client of Kafka hands out."""

    def __init__(self, value, key: bytes | None = None, error: str | None = None):
        self._content = {"value": value, "key": key, "error": error}

    def value(self):
        return self._content["value"]

    def key(self):
        return self._content["key"]

    def error(self):
        return self._content["error"]

    def topic(self) -> str:
        return "alerts"

    def partition(self) -> int:
        return 3

    def offset(self) -> int:
        return 17


def same(got, expected) -> None:
    pd.testing.assert_frame_equal(got.photometry, expected.photometry)
    pd.testing.assert_frame_equal(got.metadata, expected.metadata)
    assert (got.format, got.left_out) == (expected.format, expected.left_out)


# ---- each way to send a packet is read as the file


@pytest.mark.parametrize("name", AVRO)
def test_avro_packets_in_memory_are_read_as_the_file_is(name: str, tmp_path: Path):
    schema, packet = AVRO[name]
    expected = read(alerts.write(tmp_path / "packet", schema, [packet]))
    assert expected.format == FORMAT.get(name, name)
    assert expected.rows >= 5
    text = json.dumps(schema)
    for given, options in (
        (packet, {}),
        (container(schema, packet), {}),
        (container(schema, packet, codec="deflate"), {}),
        (alerts.snappy(schema, [packet]), {}),
        (alone(schema, packet), {"schema": schema}),
        (alone(schema, packet), {"schema": text}),
        (confluent(schema, packet), {"schema": text.encode()}),
        (confluent(schema, packet), {"schema": {1101: schema}.__getitem__}),
        (confluent(schema, packet, 5), {"schema": lambda number: text}),
        (Message(packet), {}),
        (Message(container(schema, packet), b"170028500009812345"), {}),
        (Message(alone(schema, packet), text.encode()), {}),
        ([packet], {}),
        ((packet, packet), {}),
    ):
        got = read(given, **options)
        pd.testing.assert_frame_equal(got.photometry, expected.photometry)
        pd.testing.assert_frame_equal(got.metadata, expected.metadata)
        assert got.format == expected.format


@pytest.mark.parametrize("name", JSON)
def test_packets_of_json_are_read_as_the_file_is(name: str, tmp_path: Path):
    packet = JSON[name]
    (tmp_path / "packet").write_text(json.dumps(packet))
    expected = read(tmp_path / "packet")
    assert expected.format == FORMAT[name]
    for given in (
        packet,
        json.dumps(packet).encode(),
        Message(json.dumps(packet).encode()),
    ):
        same(read(given), expected)
    wrapped = {"status": "success", "data": packet}
    same(read(wrapped), expected)
    same(read(json.dumps([packet, packet]).encode()), read([packet, packet]))


def test_rows_with_lists_are_packets_too(tmp_path: Path):
    pd.DataFrame([fink()]).to_parquet(tmp_path / "rows.parquet")
    same(read(fink()), read(tmp_path / "rows.parquet"))


def test_the_schema_object_of_a_registry_is_taken():
    class Registered:
        schema_str = json.dumps(alerts.LSST)

    data = confluent(alerts.LSST, rubin())
    same(read(data, schema=lambda number: Registered()), read(rubin()))
    same(read(data, schema=Registered()), read(rubin()))


def test_avro_that_starts_with_zero_is_no_confluent_message():
    schema = json.loads(json.dumps(alerts.LSST))
    schema["fields"].insert(0, {"name": "alertId", "type": "long"})
    packet = {"alertId": 0} | rubin()
    data = alone(schema, packet)
    assert data[0] == 0
    same(read(data, schema=schema), read(packet))
    same(read(confluent(schema, packet), schema=schema), read(packet))


def test_real_packets_as_dictionaries_are_read_as_their_files(
    test_data: Path, tmp_path: Path
):
    paths = sorted((test_data / "alerts").glob("*/*.parquet"))
    assert len(paths) > 5
    for path in paths:
        table = pq.read_table(path)[:15]
        pq.write_table(table, tmp_path / "packets")
        same(read(table.to_pylist()), read(tmp_path / "packets"))
    for path in (
        *(test_data / "alerts" / "ztf_avro").glob("*.avro"),
        *(test_data / "broker_samples" / "ampel").glob("*.avro"),
        *(test_data / "broker_samples" / "made").glob("*.avro"),
    ):
        expected = read(path)
        with path.open("rb") as file:
            same(read(list(fastavro.reader(file))), expected)
        same(read(path.read_bytes()), expected)


# ---- the doors


def test_every_door_takes_packets_of_many_objects_with_repeats():
    given = [rubin(1), rubin(2), rubin(1), container(alerts.LSST, rubin(3))]
    given.append(
        Message(alone(alerts.LSST, rubin(2)), json.dumps(alerts.LSST).encode())
    )
    table = read(given)
    assert (table.files, table.objects, table.rows) == (5, 3, 15)
    assert table.left_out == {"repeated rows of one exposure": 10}
    assert table.describe().startswith(
        "read Rubin/LSST or ELAsTiCC alert packets from 5"
    )
    expected = zoo.classify(MODEL, table.light_curves())
    with pytest.warns(UserWarning, match="left out 10 repeated rows"):
        pd.testing.assert_frame_equal(zoo.classify(MODEL, given), expected)
    stream = zoo.Stream(MODEL)
    with pytest.warns(UserWarning, match="left out 10 repeated rows"):
        got = stream.push(given)
    pd.testing.assert_frame_equal(got, expected, atol=1e-5)
    assert stream.left_out == {"repeated rows of one exposure": 10}
    assert (stream.push(given) == got).all(axis=None)  # without a second warning
    assert stream.left_out == {"repeated rows of one exposure": 20}
    one, options = confluent(alerts.LSST, rubin(1)), {"schema": alerts.LSST}
    for table in (
        zoo.classify(MODEL, one, **options),
        zoo.Stream(MODEL).push(one, **options),
    ):
        pd.testing.assert_frame_equal(table, expected.loc[["1"]], atol=1e-5)


def test_metadata_of_packets():
    metadata = pd.DataFrame({"object_id": ["1", "2"], "redshift": [0.1, 0.4]})
    given = [rubin(1), rubin(2)]
    expected = zoo.classify(MODEL, read(given).photometry, metadata)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        got = zoo.classify(MODEL, given, metadata)
    pd.testing.assert_frame_equal(got, expected)
    pd.testing.assert_frame_equal(
        zoo.Stream(MODEL).push(given, metadata), expected, atol=1e-5
    )


def test_packets_one_by_one_give_what_all_of_them_give():
    row = alerts.lsst_row
    rows = [row(5, 61000.0 + 2 * day, "gr"[day % 2], 4e3 + day) for day in range(12)]
    stream, whole = zoo.Stream(MODEL), []
    for at in range(len(rows)):
        whole.append(alerts.lsst_packet(rows[at], rows[:at]))
        got = stream.push(whole[-1])
    expected = zoo.classify(MODEL, read(whole).light_curves())
    pd.testing.assert_frame_equal(got, expected, atol=1e-5)


def test_packets_without_an_observation_give_a_table_without_rows():
    solar_system = alerts.lsst_packet(alerts.lsst_row(None, 61000.0, "r", 9e3))
    stream = zoo.Stream(MODEL)
    with pytest.warns(UserWarning, match="1 packets of solar-system objects left out"):
        table = stream.push(solar_system)
    assert table.shape == (0, 13)
    assert stream.left_out == {"packets of solar-system objects": 1}
    assert stream.push([]).shape == (0, 13)
    assert len(stream) == 0
    assert zoo.classify(MODEL, solar_system).shape == (0, 13)
    with pytest.raises(Unobserved, match="holds no observation"):
        read(solar_system)


def test_a_stream_keeps_counts_and_notes(tmp_path: Path):
    stream = zoo.Stream(MODEL)
    with pytest.warns(UserWarning, match="repeated rows"):
        stream.push([rubin(), rubin()])
    stream.notes["offsets"] = {"0": 17}
    again = zoo.Stream.restore(stream.save(tmp_path / "stream.npz"), MODEL)
    assert again.notes == {"offsets": {"0": 17}}
    assert again.left_out == {"repeated rows of one exposure": 5}
    for wrong in ({0: 17}, Path("a"), float("nan")):
        stream.notes["offsets"] = wrong
        with pytest.raises(ValueError, match="of which JSON cannot hold all"):
            stream.save(tmp_path / "stream.npz")
    assert zoo.Stream.restore(tmp_path / "stream.npz", MODEL).notes == again.notes


# ---- what is refused


def deep(levels: int) -> str:
    text = '"long"'
    for level in range(levels):
        fields = f'[{{"name": "inner", "type": {text}}}]'
        text = f'{{"type": "record", "name": "r{level}", "fields": {fields}}}'
    return text


def wide() -> dict:
    """Records of one byte with a thousand fields without size."""
    fields = [{"name": f"f{number}", "type": "null"} for number in range(1000)]
    inner = {"type": "record", "name": "inner", "fields": fields}
    inner["fields"].append({"name": "byte", "type": "boolean"})
    listed = {"type": "array", "items": inner}
    return {"type": "record", "name": "a", "fields": [{"name": "x", "type": listed}]}


LIST_OF_LONGS = {
    "type": "record",
    "name": "a",
    "fields": [{"name": "x", "type": {"type": "array", "items": "long"}}],
}
HUGE = b"\xfe\xff\xff\xff\xff\xff\xff\xff\x7f"  # a long as Avro writes it: 2**62 - 1

REFUSED = {
    "nothing": (b"", {}, "packet 0 is empty"),
    "text": (b"hello, world", {}, r"its bytes \(68 65 .*\) are no Avro container"),
    "gzip": (gzip.compress(b"{}"), {}, "no Avro container"),
    "other magic": (b"Obj\x02" + bytes(50), {}, "no Avro container"),
    "magic alone": (b"Obj\x01", {}, "cannot be read as Avro"),
    "cut": (container(alerts.ZTF, ztf())[:-40], {}, "announced and"),
    "cut header": (container(alerts.ZTF, ztf())[:300], {}, "cannot be read as Avro"),
    "id alone": (b"\0\0\0\4", {}, "schema 4"),
    "cut id": (b"\0\0\0\4\x4d", {"schema": alerts.LSST}, "cannot be read by this"),
    "no schema": (b"\0\0\0\0\x22abc", {}, "schema 34 is needed. Give it as `schema`"),
    "unknown id": (
        confluent(alerts.LSST, rubin()),
        {"schema": {}.__getitem__},
        "schema 1101 = Rubin 11.1 is not known to the given `schema`",
    ),
    "no id": (
        alone(alerts.ZTF, ztf()),
        {"schema": {}.get},
        "does not start with the id of a schema",
    ),
    "another schema": (
        alone(alerts.LSST, rubin()),
        {"schema": LIST_OF_LONGS},
        "bytes are left after the last field|cannot be read by this schema",
    ),
    "rest": (
        alone(alerts.LSST, rubin()) + b"x",
        {"schema": alerts.LSST},
        r"1 of [\d,]+ bytes are left after the last field",
    ),
    "no such schema": (b"abc", {"schema": {"type": "no"}}, "schema is not one of Avro"),
    "text as schema": (b"abc", {"schema": "no JSON"}, "schema is not one of Avro"),
    "sizeless": (b"abc", {"schema": wide()}, "has many fields without size"),
    "recursive": (
        b"abc",
        {
            "schema": {
                "type": "record",
                "name": "a",
                "fields": [{"name": "x", "type": ["null", "a"]}],
            }
        },
        "holds 'a' within itself",
    ),
    "deep schema": (b"abc", {"schema": deep(400)}, "not one of Avro|read by"),
    "huge list": (HUGE + b"\2" * 50, {"schema": LIST_OF_LONGS}, "cannot be read by"),
    "huge text": (HUGE, {"schema": '"string"'}, "cannot be read by"),
    "huge union": (HUGE, {"schema": ["null", "long"]}, "packet 0"),
    "huge schema": (
        b"abc",
        {"schema": {"type": "fixed", "name": "x", "size": 2**62}},
        "cannot be read by",
    ),
    "number": (b"\2", {"schema": '"long"'}, "packet 0 is a int, not a packet"),
    "deep JSON": (b'[["' * 10**5, {}, "cannot be read"),
    "cut JSON": (b'{"objectId": "a"', {}, "cannot be read as JSON"),
    "empty dictionary": ({}, {}, "packet 0 holds no list"),
    "row": ({"objectId": "a", "jd": 1.0}, {}, r"pandas\.DataFrame\(rows\)"),
    "no light curve": (
        {"diaObjectId": 1, "UTC": "2026", "ra": 1.0},
        {},
        "lite light curve in the settings of the filter",
    ),
    "nameless": (
        {
            "detections": [
                {k: v for k, v in alerce()["detections"][0].items() if k != "oid"}
            ]
        },
        {},
        "packet 0: an object has no name",
    ),
    "candidate of text": ({"objectId": "a", "candidate": "b"}, {}, "wrong type"),
    "no flux": ({"diaSource": {"diaObjectId": 1}}, {}, "packet 0 lacks the field"),
    "rounded id": ({"diaSource": {"diaObjectId": 1.7e17}}, {}, "went through a float"),
    "error of Kafka": (Message(b"", error="down"), {}, r"alerts\[3\]@17 is an error"),
    "empty message": (Message(None), {}, r"alerts\[3\]@17 is empty"),
    "damaged message": (Message(b"Obj\x01"), {}, r"alerts\[3\]@17: the packet cannot"),
    "two surveys": ([rubin(), ztf()], {}, "of different formats"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_packet_is_refused_in_one_sentence_and_without_filling_the_memory(name: str):
    given, options, match = REFUSED[name]
    stream = zoo.Stream(MODEL)
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=match) as caught:
            stream.push(given, **options)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400
    assert most < 2**26
    assert len(stream) == 0
    with pytest.raises(ValueError, match=match):
        zoo.classify(MODEL, given, **options)


def test_text_of_json_is_no_path():
    with pytest.raises(ValueError, match=r"is JSON, not a path. .*\.encode\(\)"):
        zoo.classify(MODEL, json.dumps(rubin()))


def test_without_the_extra_the_refusal_names_the_schema(monkeypatch):
    from zoo.datasets.readers.brokers import messages

    monkeypatch.setattr(messages, "find_spec", lambda name: None)
    messages.schema_of_rubin.cache_clear()
    with pytest.raises(
        ValueError, match="schema 1101 = Rubin 11.1 is needed"
    ) as caught:
        read(confluent(alerts.LSST, rubin()))
    assert "pip install transient-zoo[kafka]" in str(caught.value)


def test_the_schemas_of_rubin(test_data: Path):
    pytest.importorskip("lsst", exc_type=ModuleNotFoundError)
    samples = test_data / "broker_samples"
    table = read((samples / "boom" / "lsst_7912941781254298.avro").read_bytes())
    assert (table.format, table.objects, table.rows) == ("lsst_alerts", 1, 1)
    for path in (samples / "pitt_google").glob("lsst*.avro"):
        with pytest.raises(Unobserved, match="packets of solar-system objects"):
            read(path.read_bytes())
    message = "schema 9909 = Rubin 99.9 is not in lsst-alert-packet"
    with pytest.raises(ValueError, match=message):
        read(b"\0" + (9909).to_bytes(4, "big"))


@pytest.mark.parametrize("seed", range(4))
def test_damage_by_chance_ends_in_a_table_or_in_one_sentence(seed: int):
    dice = random.Random(seed)
    samples = [(container(*one), {}) for one in AVRO.values()]
    samples += [(alone(*one), {"schema": one[0]}) for one in AVRO.values()]
    samples += [(json.dumps(one).encode(), {}) for one in JSON.values()]
    read_or_refused = [0, 0]
    for _ in range(150):
        data, options = dice.choice(samples)
        damaged = bytearray(data)
        for _ in range(dice.randrange(1, 4)):
            damaged[dice.randrange(len(damaged))] = dice.randrange(256)
        if dice.random() < 0.3:
            del damaged[dice.randrange(len(damaged)) :]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                zoo.Stream(MODEL).push(bytes(damaged), **options)
                read_or_refused[0] += 1
            except ValueError as error:
                assert "\n" not in str(error)
                read_or_refused[1] += 1
    assert min(read_or_refused) > 0
