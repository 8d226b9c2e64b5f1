"""The consumer of the documentation against a broker in this process.

The broker is the mock of librdkafka, which needs no network. Consumers run in processes
of their own, and are killed.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from io import BytesIO
from pathlib import Path

import alert_files as alerts
import fastavro
import numpy as np
import pandas as pd
import pytest
from docs_pages import blocks
from source_files import ROOT

import zoo

kafka = pytest.importorskip("confluent_kafka")

PAGE = ROOT / "docs" / "howto" / "kafka.md"
TOPIC, MODEL, PARTITIONS = "alerts", "ztfsims-gru", 4


def container(packet: dict) -> bytes:
    file = BytesIO()
    fastavro.writer(file, alerts.ZTF, [packet])
    return file.getvalue()


def packets(objects: int) -> list[tuple[str, bytes]]:
    """Names and packets in the order of time: of most objects one, of some twelve."""
    made = []
    for number in range(objects):
        rows = [
            alerts.ztf_row(2461000.5 + day + number / 1000, 1 + day % 2, 19.0, "t")
            for day in range(12 if number % 10 == 0 else 2)
        ]
        first = 1 if number % 10 == 0 else len(rows)
        for length in range(first, len(rows) + 1):
            packet = alerts.ztf_packet(
                f"ZTF{number:05d}", rows[length - 1], rows[: length - 1]
            )
            made.append((rows[length - 1]["jd"], f"ZTF{number:05d}", packet))
    made.sort(key=lambda one: one[0])
    return [(name, container(packet)) for _, name, packet in made]


@pytest.fixture
def broker():
    """A producer, in which the broker is, and the address of the broker."""
    producer = kafka.Producer(
        {
            "bootstrap.servers": "replaced",
            "test.mock.num.brokers": 1,
            "log_level": 3,
        }
    )
    brokers = producer.list_topics(timeout=20).brokers.values()
    return producer, ",".join(f"{one.host}:{one.port}" for one in brokers)


def produce(producer, messages: list[tuple[str, bytes]]) -> None:
    for name, value in messages:
        # An object stays in its partition, as its observations must in their order.
        partition = int(name[3:]) % PARTITIONS
        producer.produce(TOPIC, value, key=name, partition=partition)
    assert producer.flush(30) == 0


class Listener:
    """Processes that run the script of the page, one after the other."""

    def __init__(self, folder: Path, address: str, batch: int):
        (script,) = (b.text for b in blocks(PAGE) if b.options == "kafka")
        lines = script.splitlines()
        for start, line in (
            ("MODEL, TOPIC, BATCH = ", f"{MODEL!r}, {TOPIC!r}, {batch}"),
            (
                "SETTINGS = ",
                str({"bootstrap.servers": address, "group.id": "g", "log_level": 3}),
            ),
        ):
            (place,) = (i for i, text in enumerate(lines) if text.startswith(start))
            lines[place] = start + line
        self.folder, self.script = folder, folder / "listen.py"
        self.script.write_text("\n".join(lines))
        self.start()

    def start(self) -> None:
        paths = [str(ROOT), *sys.path]
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", self.script.name],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))},
            stderr=subprocess.PIPE,
        )

    def kill(self) -> str:
        self.process.send_signal(signal.SIGKILL)
        return self.process.communicate()[1].decode()

    def files(self) -> list[Path]:
        return sorted(self.folder.glob("*.parquet"))

    def wait(self, condition, seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert self.process.poll() is None, self.process.communicate()[1].decode()
            assert time.monotonic() < end, "the consumer did not come to an end"
            time.sleep(0.05)

    def done(self, messages: int):
        """Whether all messages are in the stream that is on disk."""
        path = self.folder / "stream.npz"

        def condition() -> bool:
            if not path.exists():
                return False
            with np.load(path) as file:
                notes = json.loads(str(file["notes"]))[1]
            return sum(notes["offsets"].values()) == messages

        return condition


def seen(stream: zoo.Stream) -> int:
    """Observations that came more than once; those of one batch count elsewhere."""
    reason = "repeated rows of one exposure"
    return stream.late + stream.repeated + stream.left_out[reason]


def check_nothing_lost_or_twice(folder: Path, messages: list[tuple[str, bytes]]):
    stream = zoo.Stream.restore(folder / "stream.npz", MODEL)
    whole = zoo.Stream(MODEL)
    with pytest.warns(UserWarning, match="repeated rows of one exposure"):
        expected = whole.push([value for _, value in messages])
    assert seen(stream) == seen(whole)
    assert len(stream) == len(whole) == len(expected)
    tables = [pd.read_parquet(path) for path in sorted(folder.glob("*.parquet"))]
    assert len(tables) == stream.notes["files"]
    times = Counter(name for table in tables for name in table.index)
    once = [name for name, n in Counter(name for name, _ in messages).items() if n == 1]
    assert len(once) > 0
    assert {name: times[name] for name in once} == dict.fromkeys(once, 1)
    joined = pd.concat(tables)
    last = joined[~joined.index.duplicated(keep="last")].loc[expected.index]
    pd.testing.assert_frame_equal(last, expected, atol=1e-5)


def test_a_consumer_reads_each_message_once_and_continues(broker, tmp_path: Path):
    producer, address = broker
    messages = packets(60)
    half = len(messages) // 2
    refused = [("ZTF00000", b"Obj\x01 and no more"), ("ZTF00001", b"\0\0\0\0\7x")]
    produce(producer, messages[:half] + refused)
    listener = Listener(tmp_path, address, batch=25)
    listener.wait(listener.done(half + 2))
    said = listener.kill()
    assert "alerts[0]@" in said
    assert "schema 7 is needed" in said
    assert "Traceback" not in said
    produce(producer, messages[half:])
    listener.start()
    listener.wait(listener.done(len(messages) + 2))
    listener.kill()
    check_nothing_lost_or_twice(tmp_path, messages)


@pytest.mark.slow
def test_a_consumer_that_is_killed_loses_nothing_and_counts_nothing_twice(
    broker, tmp_path: Path
):
    producer, address = broker
    messages = packets(2000)
    produce(producer, messages)
    dice = random.Random(1)
    listener = Listener(tmp_path, address, batch=20)
    kills = 0
    for _ in range(20):
        before = len(listener.files())
        listener.wait(lambda before=before: len(listener.files()) > before)
        time.sleep(dice.uniform(0, 0.3))
        assert not listener.done(len(messages))(), "too few messages for so many kills"
        listener.kill()
        kills += 1
        listener.start()
    listener.wait(listener.done(len(messages)), seconds=600)
    listener.kill()
    assert kills == 20
    check_nothing_lost_or_twice(tmp_path, messages)
