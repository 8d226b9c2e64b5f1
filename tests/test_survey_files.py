"""Survey files: what they say, what is refused, and what is simulated from them."""

import hashlib
import subprocess
import sys
import tomllib

import numpy as np
import pytest
from test_cli import ROOT, fails, run

import zoo
from zoo.datasets.names import SURVEY_FILES
from zoo.datasets.simulator import PLAIN, simulate
from zoo.datasets.simulator.surveys import SURVEYS, described, find_survey
from zoo.datasets.survey_files import QUANTILES, read_survey, to_toml
from zoo.light_curves import concatenate
from zoo.light_curves.folder import read_folder
from zoo.passbands import PASSBANDS, read_passbands

MINE = """\
name = "mine"
description = "three boxes"

[passband."mine::blue"]
curve = "blue.dat"
depth = 20.5
scatter = 0.2

[passband."mine::red"]
curve = "red.dat"
unit = "nm"
depth = 20.0
template_depth = 23.0

[passband."mine::far"]
wavelength = 0.9
depth = 19.5
zeropoint = 27.0

[cadence]
nights = [[["mine::blue", "mine::red", "mine::far"], 0.5, 0.5],
          [["mine::red", "mine::red"], 0.5, 0.5]]
revisit = [[2, 1.0]]
seasons = 150

[selection]
limits = [17.0, 19.5]
"""


@pytest.fixture
def mine(tmp_path):
    (tmp_path / "blue.dat").write_text("0.40 1\n0.50 1\n")
    (tmp_path / "red.dat").write_text("# nm\n600 1\n700 1\n")
    path = tmp_path / "mine.toml"
    path.write_text(MINE)
    return path


def drawn(survey, objects=60, **options):
    return concatenate(list(simulate(survey, objects=objects, **options)))


@pytest.mark.parametrize("name", SURVEY_FILES)
def test_a_survey_of_the_package_names_its_sources_and_can_be_simulated(name):
    file = read_survey(name)
    assert file.name == name
    assert file.description and file.source
    wavelengths = [one.passband.wavelength for one in file.passbands]
    assert wavelengths == sorted(wavelengths)
    light_curves = drawn(name, 24, seed=2)
    assert set(light_curves.bands) == {one.passband.name for one in file.passbands}
    assert set(light_curves.metadata["label"]) >= {"SNIa", "SNII"}


@pytest.mark.parametrize(
    ("survey", "expected"),
    [
        ("ztfsims", "12842a9c3343e7cd"),
        ("bts", "b24147c34b0c0ad4"),
        ("lsstsims", "95f4c0424e5e3d89"),
    ],
)
def test_the_data_sets_of_the_package_are_what_they_were_before_there_were_files(
    survey, expected
):
    """Times to 0.1 s: processors may differ in the last digit."""
    light_curves = drawn(survey, 150, seed=7)
    times = np.round(light_curves.mjd, 6).tobytes()
    ids = " ".join(light_curves.object_id).encode()
    found = hashlib.sha256(ids + light_curves.band.tobytes() + times).hexdigest()
    assert found[:16] == expected


def test_passbands_come_from_curves_and_wavelengths(mine):
    blue, red, far = read_survey(mine).passbands
    assert [one.passband.name for one in (blue, red, far)] == [
        *("mine::blue", "mine::red", "mine::far")
    ]
    assert (blue.passband.wavelength, red.passband.wavelength) == (0.45, 0.65)
    # Eighths of a box in ln(wavelength).
    steps = np.diff(np.log(blue.samples))
    assert steps == pytest.approx(np.log(0.5 / 0.4) / 8, abs=1e-5)
    assert np.mean(far.samples) == pytest.approx(0.9)
    assert far.samples[-1] - far.samples[0] == pytest.approx(0.9 * 0.22 * 7 / 8)


def test_depths_are_a_median_and_a_scatter_or_quantiles(mine):
    blue, red, _ = read_survey(mine).passbands
    assert blue.depth[QUANTILES.index(0.5)] == 20.5
    assert blue.depth[QUANTILES.index(0.84)] == pytest.approx(20.5 + 0.2 * 0.994)
    assert red.template_depth == 23.0
    assert blue.template_depth == 20.5 + 1.25  # of ten visits
    assert read_survey("ztf").passbands[0].depth[0] == 17.77


def test_a_survey_goes_from_its_file_to_light_curves(mine):
    light_curves = drawn(mine, 80, randomisation=PLAIN)
    assert light_curves.bands == ("mine::blue", "mine::red", "mine::far")
    assert [one.wavelength for one in light_curves.observed] == [0.45, 0.65, 0.9]
    # Nights of three passbands, and nights of red twice.
    night = np.floor(light_curves.mjd)
    owner = np.repeat(np.arange(80), light_curves.lengths)
    _, which, number = np.unique(
        np.stack([owner, night]), axis=1, return_inverse=True, return_counts=True
    )
    assert set(number) == {2, 3}
    bands = {len(set(light_curves.band[which == k])) for k in range(50)}
    assert bands == {1, 3}
    limit = 27.5 - 2.5 * np.log10(5 * light_curves.flux_err)
    faint = light_curves.flux < 3 * light_curves.flux_err
    for code, depth in zip((177, 178, 179), (20.5, 20.0, 19.5), strict=True):
        found = np.median(limit[faint & (light_curves.band == code)])
        assert found == pytest.approx(depth - 0.14, abs=0.12)  # host and reference


def test_what_a_file_leaves_out_is_that_of_the_survey_it_is_like(tmp_path):
    path = tmp_path / "bright.toml"
    path.write_text('name = "bright"\nlike = "atlas"\n[selection]\nlimits = [15, 17]\n')
    bright, atlas = read_survey(path), read_survey("atlas")
    assert bright.passbands == atlas.passbands
    assert bright.tables["cadence"] == atlas.tables["cadence"]
    assert bright.tables["selection"]["limits"] == (15.0, 17.0)
    assert bright.digest != atlas.digest


@pytest.mark.parametrize("name", ["ztf", "ls4", "roman"])
def test_a_survey_that_is_shown_can_be_read_again(name, tmp_path):
    text = to_toml(read_survey(name).to_tables())
    path = tmp_path / "again.toml"
    path.write_text(text)
    again = read_survey(path)
    assert to_toml(again.to_tables()) == text
    first, second = (described(one) for one in (read_survey(name), again))
    assert np.allclose(first.instrument.depth, second.instrument.depth, atol=1e-4)
    assert first.instrument.nights == second.instrument.nights


def test_breaks_and_controls_in_a_text_are_escaped_on_one_line():
    text = "a\u2028b\x85c\u202ed\x7f\U000e0001é"
    written = to_toml({"description": text})
    assert written.count("\n") == len(written.splitlines()) == 1
    assert written.strip().isprintable()
    assert tomllib.loads(written) == {"description": text}


def test_names_of_any_letters_survive_in_a_file(tmp_path):
    name = 'Bände "g" \\ 𝔤'
    path = tmp_path / "odd.toml"
    tables = read_survey("atlas").to_tables()
    tables["passband"] = {
        name: {"wavelength": 0.5, "depth": 19.0},
        "atlaso": {"depth": 19.0},
    }
    tables["cadence"]["nights"] = [[[name, "atlaso"], 1.0, 1.0]]
    path.write_text(to_toml(tables, ["a\nb = 1", "c\x1b[2J"]), encoding="utf-8")
    assert read_survey(path).passbands[0].passband.name == name


def test_detections_saturation_and_window_are_kept(mine):
    more = """
[detection]
snr = 8
number = 4
[photometry]
window = [-5, 20]
[noise]
saturation = 17.5
"""
    mine.write_text(MINE + more)
    light_curves = drawn(mine)
    snr = light_curves.flux / light_curves.flux_err
    assert snr[light_curves.detected].min() >= 8
    assert (snr[~light_curves.detected] < 8).all()
    first = np.array(
        [
            mjd[detected][0]
            for mjd, detected in zip(
                np.split(light_curves.mjd, light_curves.offsets[1:-1]),
                np.split(light_curves.detected, light_curves.offsets[1:-1]),
                strict=True,
            )
        ]
    )
    days = light_curves.mjd - np.repeat(first, light_curves.lengths)
    assert days.max() <= 20 + 30  # a lone detection is no trigger
    assert days.min() >= -5 - 0.1 or (days >= -5).mean() > 0.95
    assert light_curves.flux.max() < 10 ** (0.4 * (27.5 - 17.5))


def test_python_users_simulate_a_file(mine):
    light_curves = zoo.datasets.simulate(mine, objects=40, seed=1)
    assert len(light_curves) == 40
    parts = light_curves.metadata["zoo_split"].value_counts()
    assert set(parts.index) == {"train", "validation", "test"}
    again = zoo.datasets.simulate(mine, objects=40, seed=1)
    assert (again.flux == light_curves.flux).all()
    long = zoo.datasets.simulate(mine, objects=12, years=(1, 1))
    assert (long.mjd[long.offsets[1:] - 1] - long.mjd[long.offsets[:-1]]).max() > 300


def test_it_is_there_by_every_kind_of_import():
    code = (
        "from zoo.datasets import simulate, registry; import zoo; "
        "assert zoo.datasets.simulate is simulate; "
        "print(hasattr(zoo.datasets, 'nothing'), registry.__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT
    )
    assert done.stdout == "False zoo.datasets.registry\n", done.stderr


def test_a_data_set_wins_over_a_file_of_its_name():
    assert find_survey("bts") is SURVEYS["bts"]
    assert find_survey("ztf").name == "ztf"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "mine"', 'name = "Mine!"', "name is 'Mine!', but must be of 1 to 40"),
        ('name = "mine"', "", "lacks name"),
        ("[cadence]", "[cadense]", r"no key 'cadense'. Did you mean 'cadence'\?"),
        ("seasons = 150", "saesons = 1", r"'saesons'. Did you mean 'seasons'\?"),
        ("seasons = 150", "", r"\[cadence\] lacks seasons"),
        ("seasons = 150", "seasons = inf", "must be a number of days from 1"),
        ("seasons = 150", "seasons = true", "must be a number of days from 1"),
        ("seasons = 150", f"seasons = {'9' * 400}", "must be a number of days"),
        ("seasons = 150", f"seasons = {'9' * 5000}", "cannot be read as TOML"),
        ("revisit = [[2, 1.0]]", "revisit = [[2, 0.5]]", "add up to 0.5, not 1"),
        ("revisit = [[2, 1.0]]", "revisit = [[0, 1.0]]", "revisit is .* must be rows"),
        ("revisit = [[2, 1.0]]", "revisit = 3", "revisit is 3, but must be rows"),
        ('"mine::blue", "m', '"mine::bleu", "m', "Did you mean 'mine::blue'"),
        ("depth = 20.5", "depth = -3", "5-sigma AB magnitude"),
        ("depth = 20.5", "depth = [1, 2]", "5-sigma AB magnitude"),
        ("depth = 20.5", "depth = nan", "5-sigma AB magnitude"),
        ("wavelength = 0.9", "wavelength = 900", "between 0.05 and 30"),
        ("wavelength = 0.9", 'wavelength = "a"', "no number"),
        ("wavelength = 0.9", "", "needs wavelength = 0.54"),
        ("limits = [17.0, 19.5]", "limits = [19.5, 17.0]", "in rising order"),
        ("limits = [17.0, 19.5]", "limits = [17.0, 29]", "a visit sees objects"),
        ("limits = [17.0, 19.5]", "limits = [{}, {}]", "2 numbers from 5 to 35"),
        ("[selection]", "[noise]\nshallowest = 30\n[selection]", "no visit is deeper"),
        (
            "[selection]",
            "[photometry]\nalerts = 0.7\ndetections_only = 0.7\n[selection]",
            "add up to more than 1",
        ),
        ("[selection]", 'passband = 3\n[selection]\nmix = "x"', "no key 'passband'"),
        ('name = "mine"', 'name = "mine"\nlike = "atles"', "like is 'atles'"),
        ('name = "mine"', "name = [[[[[[", "cannot be read as TOML"),
        ('name = "mine"', "name = " + "[" * 3000 + "]" * 3000, "name is|TOML"),
        ('description = "three boxes"', "description = 3", "a text of up to 500"),
    ],
)
def test_a_file_that_is_wrong_is_refused_in_one_sentence(mine, old, new, message):
    assert old in MINE
    mine.write_text(MINE.replace(old, new, 1))
    with pytest.raises(ValueError, match=message) as caught:
        read_survey(mine)
    assert str(caught.value).startswith(str(mine))
    assert len(str(caught.value)) < 1200


LONG_KEYS = {
    "one key": "a" + ".a" * 200_000 + " = 1",
    "quoted": '"a b"' + ' . "a b"' * 100_000 + " = 1",
    "a table": "[a" + ".a" * 200_000 + "]",
    "inline": "a = { b" + ".b" * 200_000 + " = 1 }",
    "many": ("a" + ".a" * 51 + " = 1\n") * 8_000,
}


@pytest.mark.parametrize("text", LONG_KEYS.values(), ids=LONG_KEYS)
def test_keys_that_would_keep_the_parser_busy_are_refused_unread(tmp_path, text):
    """A parser that read them would not end within the time of a test run."""
    path = tmp_path / "long.toml"
    path.write_text(f"x = 1\n{text}\n")
    for read in (read_survey, read_passbands):
        with pytest.raises(ValueError, match="line 2 has more than 50 dots") as caught:
            read(path)
        assert len(str(caught.value)) < 300


def test_a_comment_may_be_a_line_of_dots(tmp_path):
    path = tmp_path / "dotted.toml"
    path.write_text(f"  # {'.' * 70}\n[passband.x]\nwavelength = 0.5\n")
    assert read_passbands(path)["x"].wavelength == 0.5


def test_a_file_of_the_longest_keys_allowed_is_read_to_its_end(tmp_path):
    path = tmp_path / "long.toml"
    tail = ".a" * 50 + " = 1"
    path.write_text("\n".join(f"k{n}{tail}" for n in range(8_000)))
    for read in (read_survey, read_passbands):
        with pytest.raises(ValueError, match="no key 'k0'|and nothing else"):
            read(path)


def test_a_class_that_a_survey_never_sees_is_an_error_not_an_endless_wait(mine):
    mine.write_text(MINE.replace("[17.0, 19.5]", "[5.0, 5.1]"))
    with pytest.raises(ValueError, match="the survey sees no SLSN-I: none of 30"):
        drawn(mine, 4, classes=["SLSN-I"])


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match="Did you mean 'atlas'"):
        read_survey("atlass")
    (tmp_path / "binary.toml").write_bytes(bytes(range(256)))
    with pytest.raises(ValueError, match="cannot be read as TOML"):
        read_survey(tmp_path / "binary.toml")
    (tmp_path / "large.toml").write_text("a = 1\n" * 200_000)
    with pytest.raises(ValueError, match="larger than 1,000,000 bytes"):
        read_survey(tmp_path / "large.toml")
    (tmp_path / "mine.toml").write_text(MINE)
    with pytest.raises(FileNotFoundError, match="curve .* does not exist"):
        read_survey(tmp_path / "mine.toml")


def test_commands_list_show_and_build(mine, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    listed = run("survey", "list")
    assert [line.split()[0] for line in listed.splitlines()] == list(SURVEY_FILES)
    (tmp_path / "start.toml").write_text(run("survey", "show", "ls4"))
    assert read_survey("start.toml").name == "ls4"
    done = run("data", "build", "mine.toml", "--objects", "30")
    folder = done.splitlines()[0].partition(":")[0]
    assert folder == f"mine-{read_survey(mine).digest}-n30-s0"
    table = read_folder(folder)
    assert [(one.name, one.wavelength) for one in table.observed] == [
        ("mine::blue", 0.45),
        ("mine::red", 0.65),
        ("mine::far", 0.9),
    ]
    assert "exists already" in fails("data", "build", "mine.toml", "--objects", "30")
    run("data", "build", "mine.toml", "--objects", "12", "--table", "t", "--plain")
    assert len(read_folder("t")) == 12
    mine.write_text(MINE.replace("revisit", "revisits"))
    said = fails("data", "build", "mine.toml", "--objects", "30")
    assert "no key 'revisits'. Did you mean 'revisit'?" in said
    fails("data", "build", "mine.toml", "--source", ".", code=2)


def test_a_folder_wins_over_a_survey_of_the_package(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run("data", "build", "des", "--objects", "30", "--table", "atlas")
    compared = run("data", "show", "atlas", "des-SNIa-0-000000")
    assert "desg" in compared and "atlasc" not in compared


def test_the_catalogue_is_not_touched(mine):
    drawn(mine, 12)
    assert not any(name.startswith("mine::") for name in PASSBANDS)
