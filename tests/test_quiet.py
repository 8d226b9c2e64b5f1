"""Standard error is silenced for compiled code, also where Python has another one."""

import io
import os

import pytest

from zoo.system.quiet import closed_stderr


class _WritesAlone:
    def write(self, text: str) -> None:
        pass


def _closed() -> io.StringIO:
    stream = io.StringIO()
    stream.close()
    return stream


@pytest.mark.parametrize("stderr", [None, _closed(), _WritesAlone(), io.StringIO()])
def test_any_standard_error_will_do(monkeypatch, capfd, stderr):
    monkeypatch.setattr("sys.stderr", stderr)
    with closed_stderr():
        os.write(2, b"a notice")
    os.write(2, b"an error")
    assert capfd.readouterr().err == "an error"


def test_an_error_within_the_block_is_not_swallowed(capfd):
    with pytest.raises(KeyError, match="mine"), closed_stderr():
        raise KeyError("mine")
    os.write(2, b"its traceback")
    assert capfd.readouterr().err == "its traceback"
