"""zoo-cli as a user meets it: in a process of its own, or through typer's runner."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import warnings
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pytest
import typer
from models import labelled, small_model
from typer.testing import CliRunner

import zoo
from zoo.cli.main import app, main
from zoo.cli.shell.read_options import _OPTIONS
from zoo.light_curves.folder import read_folder, write_folder

ROOT = Path(__file__).parent.parent
STOPS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
COMMANDS = (
    *("quickstart", "models", "train", "transfer", "evaluate", "classify", "verify"),
    *("explore", "export", "thresholds", "compare-models", "drift"),
    *("data list", "data build", "data show", "data compare"),
    *("survey list", "survey show", "survey measure"),
    *("push", "pull", "card", "import-upstream", "reproduce", "doctor"),
)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder with a table and a model, the current one, and tfds' own place."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "tfds"))
    write_folder(labelled(10), tmp_path / "table")
    zoo.save(small_model(), tmp_path / "toy")
    return tmp_path


def run(*arguments):
    """Run a command that must succeed; return what it printed."""
    result = CliRunner().invoke(
        app, [str(a) for a in arguments], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return result.stdout


def fails(*arguments, code=1) -> str:
    """Run a command in its own process; return its one line on standard error."""
    done = subprocess.run(
        [sys.executable, "-c", "from zoo.cli.main import main; main()", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
    )
    assert done.returncode == code, done.stdout + done.stderr
    return one_line(done.stdout, done.stderr, code)


def one_line(out: str, error: str, code: int) -> str:
    """What a command that failed wrote; a user's mistake is one line on the error."""
    assert "Traceback" not in error
    if code == 1:
        assert out == ""
        assert error.count("\n") == 1, error
    return error


@pytest.fixture
def refused(monkeypatch, capfd):
    """As `fails`, in this process: nothing is imported again."""

    def run_here(*arguments, code=1) -> str:
        kept = {number: signal.getsignal(number) for number in STOPS}
        monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
        monkeypatch.setattr(sys, "argv", ["zoo-cli", *arguments])
        monkeypatch.setenv("COLUMNS", "200")
        capfd.readouterr()
        try:
            with pytest.raises(SystemExit) as end:
                main()
        finally:
            for number, handler in kept.items():
                signal.signal(number, handler)
        written = capfd.readouterr()
        assert end.value.code == code, written.out + written.err
        return one_line(written.out, written.err, code)

    return run_here


def commands(group, above=()):
    """Every command of the app, however deep."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*above, name))
        else:
            yield " ".join((*above, name))


def test_every_command_is_known_to_these_tests():
    assert sorted(commands(typer.main.get_command(app))) == sorted(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_an_example(command):
    assert f"Example: zoo-cli {command}" in run(*command.split(), "--help")


def test_the_version():
    assert run("--version") == f"transient-zoo {version('transient-zoo')}\n"


def test_a_command_that_is_misspelt():
    assert "Did you mean 'classify'?" in fails("clasify", code=2)


NAMED = "import sys; sys.argv[0] = 'zoo-cli'; from zoo.cli.main import main; main()"


def complete(*words: str) -> tuple[list[str], str]:
    """What the shell is offered, and the modules that were imported for it."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c"]
        + [
            "import sys; sys.argv[0] = 'zoo-cli'; from zoo.cli.main import main; main()"
        ],
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "_ZOO_CLI_COMPLETE": "complete_bash",
            "COMP_WORDS": "zoo-cli " + " ".join(words),
            "COMP_CWORD": str(len(words)),
        },
    )
    return done.stdout.split(), done.stderr


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("verify", "ztfsims-gru-l"), ["ztfsims-gru-lite"]),
        (("evaluate", "./t"), ["./toy"]),
        (("evaluate", "toy", "--data", "b"), ["bts"]),
        (("data", "show", "t"), ["table"]),
        (("data", "build", "lss"), ["lsstsims", "lsst"]),
        (("classify", "toy", "zt"), ["ztfsims"]),
        (("classify", "toy", ""), []),  # files, by the shell
        (("evalu",), ["evaluate"]),
        (("evaluate", "/nowhere/x"), []),
    ],
)
def test_the_shell_completes(home, words, offered):
    found, imported = complete(*words)
    assert found == offered
    for name in ("numpy", "pandas", "keras", "tensorflow", "matplotlib"):
        assert f"| {name}\n" not in imported


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash")
def test_completion_is_installed_for_the_shell(tmp_path):
    command = (
        f"{sys.executable} -c \"import sys; sys.argv[0] = 'zoo-cli'; "
        'from zoo.cli.main import main; main()" --install-completion; true'
    )
    subprocess.run(
        ["bash", "-c", command],
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
    )
    scripts = [p for p in tmp_path.rglob("*") if p.is_file() and "zoo" in p.name]
    assert "complete -o default -F _zoo_cli_completion" in scripts[0].read_text()


@pytest.mark.parametrize("command", ["models", "doctor --offline", "train --help"])
def test_colours_are_for_terminals_that_want_them(command):
    colour = re.compile(r"\x1b\[[\d;]*\b(3[1-7]|9[1-7])m")
    assert "\x1b" not in shown(command, terminal=False)
    assert not colour.search(shown(command, terminal=True, NO_COLOR="1"))
    if command != "models":  # a table, which has no colours
        assert colour.search(shown(command, terminal=True))


def shown(command: str, *, terminal: bool, **environment: str) -> str:
    """What a command writes to a terminal, or to a pipe."""
    ours, theirs = os.openpty() if terminal else os.pipe()
    with subprocess.Popen(
        [sys.executable, "-c", NAMED, *command.split()],
        stdout=theirs,
        stderr=theirs,
        env=os.environ
        | {"PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}
        | environment,
    ) as child:
        os.close(theirs)
        parts = []
        try:
            while part := os.read(ours, 65536):
                parts.append(part)
        except OSError:  # so Linux says that the other end of a terminal is closed
            pass
    os.close(ours)
    assert child.returncode == 0
    return b"".join(parts).decode()


def test_models_lists_the_bundled_ones():
    listed = json.loads(run("models", "--json"))["models"]
    assert "ztfsims-gru" in [model["model_id"] for model in listed]
    assert "ztfsims-gru" in run("models", "ztf")
    assert json.loads(run("models", "nothing", "--json")) == {"models": []}


def test_evaluate_prints_one_json_object(home):
    output = run("evaluate", "toy", "--data", "table", "--taxonomy", "bts", "--json")
    result = json.loads(output)
    assert (result["data"], result["n"], result["n_excluded"]) == ("table", 80, 0)


def test_evaluate_hides_metadata_and_keeps_where(home):
    with_them = json.loads(run("evaluate", "toy", "--data", "table", "--json"))
    hidden = run("evaluate", "toy", "--data", "table", "--no-metadata", "--json")
    assert json.loads(hidden)["log_loss"] != with_them["log_loss"]
    where = ("--where", "redshift=0.25", "--classes", "SLSN-I,other", "--json")
    result = json.loads(run("evaluate", "toy", "--data", "table", *where))
    assert result["n"] == result["per_class"]["SLSN-I"]["n"] == 10


def test_evaluate_without_json_is_a_table(home):
    output = run("evaluate", "toy", "--data", "table")
    assert "macro_auroc" in output and "SNIa-91bg" in output


TRANSFER = ("transfer", "toy", "--target", "bts", "--data", "table")


@pytest.fixture(scope="module")
def transferred(tmp_path_factory) -> Path:
    """The folder of `home`, and `m`: its model transferred; not to be changed."""
    folder = tmp_path_factory.mktemp("transferred")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        write_folder(labelled(10), folder / "table")
        zoo.save(small_model(), folder / "toy")
        printed = run(*TRANSFER, "--labels", "24", "--seed", "4", "--out", "m")
    (folder / "printed.txt").write_text(printed)
    return folder


def test_transfer_prints_what_it_copied_and_writes_a_whole_folder(transferred):
    printed = (transferred / "printed.txt").read_text()
    assert "copied: gru_1/kernel, gru_1/recurrent_kernel" in printed
    assert "SNIb/c from SNIb + SNIc + SNIc-BL" in printed
    assert "trained: gru_1, gru_2, light_curve_dense, metadata_dense" in printed
    assert "frozen: nothing" in printed
    assert "toy-gru@v1.2.3 and the result on 24 labels that neither was" in printed
    assert re.search(
        r"macro AUROC: 0\.\d+ and 0\.\d+, difference [+-]0\.\d+ \(", printed
    )
    assert "of the way from those of toy-gru@v1.2.3 to the trained ones" in printed
    names = {path.name for path in (transferred / "m").iterdir()}
    assert names >= {"README.md", "zoo.json", "golden.npz", "metrics.json", "split.csv"}
    split = pd.read_csv(transferred / "m" / "split.csv")
    assert split["part"].value_counts().to_dict() == {"train": 22, "validation": 2}
    manifest = json.loads((transferred / "m" / "zoo.json").read_text())
    assert manifest["parent"] == "toy-gru@v1.2.3"
    assert manifest["training"]["labels"] == 24
    assert f"weights: {manifest['training']['fraction']:.0%} of the way" in printed
    assert manifest["training"]["command"] == (
        "zoo-cli transfer toy-gru@v1.2.3 --target bts --data table --classes "
        "SNIa,SNIb/c,SNII,SLSN-I,TDE --labels 24 --train auto --seed 4"
    )


def test_evaluate_leaves_out_what_was_trained_on(transferred, monkeypatch):
    monkeypatch.chdir(transferred)
    left = json.loads(run("evaluate", "m", "--data", "table", "--json"))
    assert (left["n"], left["n_excluded"]) == (56, 24)
    whole = ("--include-training", "--json")
    everyone = json.loads(run("evaluate", "m", "--data", "table", *whole))
    assert (everyone["n"], everyone["n_excluded"]) == (80, 0)


def test_what_the_parent_was_trained_on_is_never_measured_on(
    transferred, tmp_path, monkeypatch
):
    monkeypatch.chdir(transferred)
    out, common = tmp_path / "m2", ("--target", "bts", "--data", "table")
    run("transfer", "m", *common, "--labels", "24", "--seed", "2", "--out", out)
    parent = set(pd.read_csv("m/split.csv")["object_id"])
    own = set(pd.read_csv(out / "split.csv")["object_id"])
    assert parent < own
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["n"] == 80 - len(own)
    scored = json.loads(run("evaluate", out, "--data", "table", "--json"))
    assert (scored["n"], scored["n_excluded"]) == (80 - len(own), len(own))


def test_all_labels_are_measured_on_the_validation_part(
    transferred, tmp_path, monkeypatch
):
    monkeypatch.chdir(transferred)
    options = ("--train", "head", "--labels", "all", "--out", tmp_path / "m")
    printed = run(*TRANSFER, *options)
    assert "trained: latent, head\nfrozen: gru_1, gru_2, light_curve_dense" in printed
    assert "of table (validation part)" in printed
    manifest = json.loads((tmp_path / "m" / "zoo.json").read_text())
    assert manifest["training"]["labels"] == 80


def test_a_table_is_never_overwritten(home, refused):
    before = (home / "table" / "photometry.parquet").read_bytes()
    line = refused(*"data build ztfsims --objects 24 --table table".split())
    assert "table exists already. Choose another name" in line
    assert (home / "table" / "photometry.parquet").read_bytes() == before


def test_from_scratch_starts_from_fresh_weights(home):
    run(*TRANSFER, "--labels", "24", "--out", "fresh", "--from-scratch")
    manifest = json.loads((home / "fresh" / "zoo.json").read_text())
    assert manifest["parent"] is None
    assert manifest["training"]["recipe"] == "scratch"
    fresh, base = zoo.load("fresh"), zoo.load("toy")
    assert (
        abs(
            fresh.get_layer("gru_1").get_weights()[0]
            - base.get_layer("gru_1").get_weights()[0]
        ).max()
        > 0
    )


def test_classify_writes_a_table(home):
    for name in ("p.parquet", "p.csv"):
        run("classify", "toy", "table", "--out", name)
    table = pd.read_parquet("p.parquet")
    assert list(table["object_id"]) == list(labelled(10).object_id)
    pd.testing.assert_frame_equal(
        table.drop(columns="reason"),
        pd.read_csv("p.csv").drop(columns="reason"),
        check_dtype=False,
        atol=1e-6,
    )
    assert sorted(p.name for p in home.iterdir()) == [
        "p.csv",
        "p.parquet",
        "table",
        "toy",
    ]


def test_classify_takes_a_zero_point(home):
    photometry, metadata = labelled(10).to_tables()
    scale = 10 ** (0.4 * (31.4 - 27.5))
    (home / "njy").mkdir()
    nanojansky = photometry.assign(
        flux=photometry["flux"] * scale, flux_err=photometry["flux_err"] * scale
    )
    nanojansky.to_parquet(home / "njy" / "photometry.parquet")
    metadata.to_parquet(home / "njy" / "metadata.parquet")
    run("classify", "toy", "table", "--out", "a.parquet")
    run("classify", "toy", "njy", "--zeropoint", "31.4", "--out", "b.parquet")
    pd.testing.assert_frame_equal(
        pd.read_parquet("a.parquet"), pd.read_parquet("b.parquet"), atol=1e-4
    )


def test_data_build_show_and_train_from_the_builder(home):
    name = "ztfsims/simulated-n240-s5"
    built = run(*"data build ztfsims --objects 240 --seed 5 --table sims".split())
    assert built.startswith(f"{name}/") and "train 19" in built
    assert f"use it: zoo-cli train --data {name} --out FOLDER" in built
    first = pd.read_parquet("sims/metadata.parquet").iloc[0]
    shown = run("data", "show", "sims", first["object_id"])
    assert f"label: {first['label']}" in shown and "ztfr" in shown
    run("train", "--data", name, "--out", "t", "--epochs", "1")
    manifest = json.loads((home / "t" / "zoo.json").read_text())
    assert manifest["training"]["data"].startswith(f"{name}/")
    assert manifest["preprocessing"]["passbands"] == ["ztfg", "ztfr"]
    metrics = json.loads((home / "t" / "metrics.json").read_text())
    assert f"test {metrics['n']}" in built
    assert len(zoo.load("t").golden) == metrics["n"]
    tested = json.loads(run("evaluate", "t", "--data", name, "--json"))
    for figure in ("n", "macro_auroc"):
        assert tested[figure] == metrics[figure]


def test_train_on_two_surveys_together(home):
    names = ["ztfsims/simulated-n120-s1", "lsstsims/simulated-n120-s2"]
    run("train", "--data", names[0], "--data", names[1], "--out", "t", "--epochs", "1")
    manifest = json.loads((home / "t" / "zoo.json").read_text())
    training = manifest["training"]
    assert training["recipe"] == "zoo" and manifest["model_id"] == "multisims-gru"
    assert all(name in training["data"] for name in names)
    assert training["command"].startswith(
        f"zoo-cli train --data {names[0]} --data {names[1]} --features scaled"
    )
    assert training["command"].endswith("--id multisims-gru --version 0.0.0")
    bands = manifest["preprocessing"]["passbands"]
    assert {"ztfg", "lsstu"} <= set(bands) and len(bands) == 8


def test_train_refuses_objects_that_would_be_in_no_part(home, refused):
    run(*"data build ztfsims --objects 60 --seed 1 --table sims".split())
    line = refused("train", "--data", "sims", "--data", "table", "--out", "m")
    assert "of the" in line and "objects have no zoo_split, the others do" in line
    assert not (home / "m").exists()


def test_a_plain_simulation_is_another_data_set(home, refused):
    built = run(*"data build bts --objects 60 --plain --table plain".split())
    assert built.startswith("bts/simulated-n60-s0-plain/")
    run(*"data build bts --objects 60 --table varied".split())
    flux = [
        pd.read_parquet(f"{t}/photometry.parquet")["flux"] for t in ("plain", "varied")
    ]
    assert len(flux[0]) != len(flux[1])
    assert "applies to simulations only" in refused(
        *"data build bts --plain --source table".split()
    )


def test_a_simulation_of_years_is_another_data_set(home, refused):
    built = run(*"data build ztfsims --objects 60 --years 2,3 --table years".split())
    assert built.startswith("ztfsims/simulated-n60-s0-y2-3/")
    photometry = pd.read_parquet("years/photometry.parquet").groupby("object_id")["mjd"]
    assert (photometry.max() - photometry.min()).max() > 500
    assert "'2' is not two whole numbers" in refused(
        *"data build ztfsims --years 2".split(), code=2
    )
    assert "Give two whole numbers from 0 to 15" in refused(
        *"data build ztfsims --years 2,16".split()
    )


def test_data_list_names_the_surveys():
    assert set(json.loads(run("data", "list", "--json"))) == {
        "ztfsims",
        "bts",
        "lsstsims",
        "anysims",
    }


def test_verify_checks_files_and_golden_values(home):
    assert json.loads(run("verify", "toy", "--json"))["golden_difference"] < 1e-5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("evaluate nope --data table", "'nope' is neither a folder nor a model"),
        ("evaluate toy --data nope", "'nope' is neither a folder nor a survey"),
        (
            "evaluate toy --data lsstsim",
            "Did you mean 'lsstsims'. `zoo-cli data list` lists the surveys",
        ),
        ("evaluate tpy --data table", "Known: .*ztfsims-gru"),
        ("evaluate ztfsim-gru --data table", "Did you mean 'ztfsims-gru'"),
        ("classify toy no.avro --out p.csv", "'no.avro' does not exist. Give files, "),
        ("classify toy a/b --out p.csv", "'a/b' does not exist. Give files, folders"),
        ("classify toy bst --out p.csv", "neither a folder nor a survey .* 'bts'"),
        (
            "evaluate toy --data toy",
            "holds no light curves in a known format",
        ),
        ("evaluate toy --data table --where sky=3", "has no column 'sky'; it has"),
        (
            "evaluate toy --data table --where label=KN",
            "none of the .* has label = 'KN'. It is 'SNIa",
        ),
        (
            "transfer toy --target x --data table --labels 3 --out m",
            "3 labels cannot be",
        ),
        (
            "transfer toy --target x --data table --out table",
            "something other than a mo",
        ),
        (
            "transfer toy --target bts --data table --train gru --out m",
            "no layer gru to train",
        ),
        (
            "transfer toy --target x --classes SNIa,TDE --data table --out m",
            "which are not among the classes SNIa, TDE",
        ),
        (
            "transfer toy --target _x --data table --out m",
            "model id '_x-gru' is not a n",
        ),
        (
            "classify toy table --out no/p.csv",
            "it must name a file in a folder that exi",
        ),
        ("explore toy --data table --out no/p.html", "in a folder that exists"),
        (
            "explore toy --data table --where label=KN",
            "none of the .* has label = 'KN'. It is 'SNIa",
        ),
        ("data build moon", "no survey 'moon'"),
        (
            "data show table nobody",
            "no object 'nobody'; its first is 'gol",
        ),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_1(home, refused, arguments, message):
    assert re.search(message, refused(*arguments.split()))
    assert sorted(p.name for p in home.iterdir()) == ["table", "toy"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("models --colour", "No such option"),
        ("train --data table --out m --seed -1", "Invalid value for '--seed'"),
        (
            "transfer toy --target x --data table --from-scratch --train head --out m",
            "trains every layer",
        ),
        ("evaluate toy --data table --where sky", "'sky' is not COLUMN=VALUE"),
        ("evaluate toy --data table --taxonomy bts --classes A,B", "not both"),
        ("classify toy table --out p.txt", "must end in .parquet or .csv"),
        ("explore toy --data table --out p.txt", "must end in .html"),
        ("explore toy --data table --objects 0", "Invalid value for '--objects'"),
        (
            "transfer toy --target x --data t --labels few --out m",
            "must be a number or",
        ),
        ("train --data table --features mine --out m", "Choose one of paper, scaled"),
        ("train --data table --recipe mine --out m", "Choose one of paper, zoo"),
        ("train --data table --recipe Zoo --out m", "Did you mean 'zoo'?"),
        ("train --data table --out m --epochs 0", "Invalid value for '--epochs'"),
    ],
)
def test_a_wrong_command_line_is_exit_code_2(home, refused, arguments, message):
    assert message in refused(*arguments.split(), code=2)


def test_a_mistake_found_after_keras_was_imported_is_one_line_as_well(home):
    line = fails(*"transfer toy --target x --data table --train Head --out m".split())
    assert "the model has no layer Head to train" in line
    assert "Did you mean 'head'?" in line


def test_labels_are_counted_before_keras_is_imported(home):
    code = (
        "import sys\nfrom zoo.cli.main import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "finally:\n    assert 'keras' not in sys.modules\n"
    )
    line = "transfer toy --target x --data table --labels 3 --out m"
    done = subprocess.run(
        [sys.executable, "-c", code, *line.split()],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: 3 labels cannot be drawn from 80 labelled")


def test_transfer_has_the_options_of_train_and_records_them(home):
    own = "--epochs 1 --id my-own --version 0.3.0 --license MIT --where".split()
    line = "transfer toy --target mine --data table --labels 12 --out m".split()
    run(*line, *own, "mwebv=0.02")
    manifest = json.loads(Path("m/zoo.json").read_text())
    assert [manifest[key] for key in ("model_id", "version", "license")] == [
        *("my-own", "0.3.0", "MIT")
    ]
    assert manifest["training"]["epochs"] == 1
    assert manifest["training"]["command"].endswith(
        " --seed 0 --epochs 1 --id my-own --version 0.3.0 --license MIT "
        "--where mwebv=0.02"
    )
    kept = read_folder("table").where("mwebv=0.02").object_id
    assert set(pd.read_csv("m/split.csv")["object_id"]) <= set(kept)


def test_train_takes_only_the_objects_asked_for(home):
    line = "train --data table --out n --epochs 1 --units 8 --where mwebv=0.02"
    run(*line.split())
    training = json.loads(Path("n/zoo.json").read_text())["training"]
    assert training["where"] == "mwebv=0.02"
    kept = read_folder("table").where("mwebv=0.02")
    assert training["labels"] < len(kept) < 80


READ = (
    *("--zeropoint", "31.4", "--passbands", "own.toml"),
    *("--bands", "my g=ztfg", "--format", "table"),
)


@pytest.mark.parametrize(
    "line",
    [
        "train --data njy.csv --units 8 --epochs 1",
        "transfer toy --target mine --data njy.csv --labels 12 --epochs 1",
    ],
)
def test_a_recorded_command_reads_the_data_as_the_given_one_did(home, line):
    photometry, metadata = labelled(10).to_tables()
    names = {"ztfg": "my g", "ztfr": "own::r"}
    scale = 10 ** (0.4 * (31.4 - 27.5))
    rows = photometry.merge(metadata[["object_id", "label", "redshift", "mwebv"]])
    rows["band"] = rows["band"].map(names)
    rows[["flux", "flux_err"]] *= scale
    rows.to_csv("njy.csv", index=False)
    Path("own.toml").write_text('[passband."own::r"]\nwavelength = 0.63\n')
    run(*line.split(), *READ, "--out", "m")
    recorded = json.loads(Path("m/zoo.json").read_text())["training"]["command"]
    given, repeated = (
        options_of([*words, "--out", "m"])
        for words in ([*line.split(), *READ], shlex.split(recorded)[1:])
    )
    assert all(given[name] is not None for name in _OPTIONS)
    assert {n: repeated[n] for n in _OPTIONS} == {n: given[n] for n in _OPTIONS}
    if line.startswith("train"):  # the other names its base by id and version
        run(*shlex.split(recorded)[1:], "--out", "again")
        first, again = (Path(one, "model.safetensors") for one in ("m", "again"))
        assert again.read_bytes() == first.read_bytes()


def options_of(words: list[str]) -> dict:
    """The options of a command line, by name."""
    command = typer.main.get_command(app).commands[words[0]]
    return command.make_context(words[0], words[1:]).params


def test_a_recorded_file_of_passbands_has_no_path_of_the_machine(home):
    own = home / "private" / "own.toml"
    own.parent.mkdir()
    own.write_text('[passband."own::r"]\nwavelength = 0.63\n')
    line = "train --data table --out n --epochs 1 --units 8 --passbands"
    run(*line.split(), own)
    command = json.loads(Path("n/zoo.json").read_text())["training"]["command"]
    assert command.endswith(" --passbands own.toml")


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_list_of_models_fits_the_terminal(width, home, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    lines = run("models").splitlines()
    assert max(map(len, lines)) <= width
    assert any("ztfsims-gru-paper " in line for line in lines)
    assert "macro_auroc" in lines[1] and "…" not in "".join(lines)
    assert ("hidden: data" in lines[-1]) == (width < 200)


def test_a_build_prints_a_line_for_each_phase(home):
    line = "data build ztfsims --objects 30 --seed 7"
    done = subprocess.run(
        [sys.executable, "-c", "from zoo.cli.main import main; main()", *line.split()],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert done.stderr.splitlines() == [
        "Simulating ztfsims: 30 objects ...",
        "Writing ztfsims: 30 objects ...",
    ]
    assert done.stdout.startswith("ztfsims/simulated-n30-s7/")


def test_coarse_labels_are_refused_until_the_classes_are_those_of_the_data(
    home, refused
):
    photometry, metadata = labelled(10).to_tables()
    metadata["label"] = metadata["label"].replace(
        {"SNIb": "SN Ib/c", "SNIc-BL": "SNIbc"}
    )
    metadata.to_parquet(home / "table" / "metadata.parquet")
    common = (*"transfer toy --target lsst --data table --labels 40".split(), "--out")
    line = refused(*common, "m")
    assert "20 objects are labelled SNIb/c, which is not among the classes" in line
    assert "--classes data" in line
    run(*common, "m", "--classes", "data")
    present = set(read_folder("table").labels)
    known = [label for label in zoo.load("toy").preset.classes if label in present]
    assert zoo.load("m").preset.classes == (*known, "SNIb/c")


@pytest.mark.slow
def test_quickstart_ends_with_a_report(home):
    run("quickstart", "--out", "q")
    assert {"report.md", "learning_curves.png", "results.json", "model"} <= {
        path.name for path in (home / "q").iterdir()
    }
