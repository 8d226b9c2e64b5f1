"""Files and folders that are written completely or not at all."""

import os
import stat

import pytest

from zoo.system.atomic import new_file, new_files, new_folder


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_gets_its_name_at_the_end(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with new_file(path) as part:
        part.write_text("new")
        assert path.read_text() == "old"
        assert part.name.startswith(".a.txt.") and part.suffix == ".part"
    assert path.read_text() == "new"
    assert names(tmp_path) == ["a.txt"]


def test_two_writers_of_one_file_do_not_meet(tmp_path):
    path = tmp_path / "a.txt"
    with new_file(path) as first, new_file(path) as second:
        first.write_text("first")
        second.write_text("second")
    assert path.read_text() == "first"  # it was the last to end
    assert names(tmp_path) == ["a.txt"]


def test_a_failure_leaves_what_was_there(tmp_path):
    (tmp_path / "a").write_text("old")
    with pytest.raises(RuntimeError), new_files(tmp_path / "a", tmp_path / "b") as two:
        two[0].write_text("new")
        two[1].write_text("new")
        raise RuntimeError
    with pytest.raises(RuntimeError), new_folder(tmp_path / "m") as part:
        (part / "x").write_text("new")
        raise RuntimeError
    assert names(tmp_path) == ["a"]
    assert (tmp_path / "a").read_text() == "old"


@pytest.mark.parametrize(
    ("umask", "for_a_file", "for_a_folder"),
    [(0o022, 0o644, 0o755), (0o027, 0o640, 0o750), (0o002, 0o664, 0o775)],
)
def test_modes_are_those_of_ordinary_files(tmp_path, umask, for_a_file, for_a_folder):
    former = os.umask(umask)
    try:
        with new_file(tmp_path / "a") as part:
            part.write_text("x")
        with new_folder(tmp_path / "m") as folder:
            (folder / "x").write_text("x")
            (folder / "x").chmod(0o600)  # as safetensors writes
    finally:
        os.umask(former)
    assert mode(tmp_path / "a") == mode(tmp_path / "m" / "x") == for_a_file
    assert mode(tmp_path / "m") == for_a_folder
