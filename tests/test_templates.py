"""Simulation from spectral templates: folders, fluxes against sncosmo, data sets."""

import gzip
import hashlib
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow_datasets as tfds

from zoo.datasets import registry
from zoo.datasets.simulator import simulate
from zoo.datasets.simulator.surveys import LSST, ZTF
from zoo.datasets.simulator.transients.cosmology import distance_modulus
from zoo.datasets.simulator.transients.spectra import (
    TemplateModel,
    _read_series,
    _salt3_source,
)
from zoo.datasets.simulator.transients.templates import digest, find_templates
from zoo.light_curves import LightCurves, concatenate
from zoo.light_curves.ragged import ZEROPOINT

simulated = pytest.mark.usefixtures("sncosmo")

PHASES, WAVELENGTHS = np.arange(-20.0, 61, 2), np.arange(1500.0, 11001, 100)
WIDTH = 15.0  # days, of the hand-made light curve


def write_series(file: Path, *, shift: float = 0.0, end: str = "") -> None:
    """Spectra of constant flux per wavelength that rise and fall like a Gaussian."""
    lines = ["# phase wavelength flux"]
    for phase in PHASES:
        flux = np.exp(-0.5 * (phase / WIDTH) ** 2)
        lines += [f"{phase + shift} {wavelength} {flux}" for wavelength in WAVELENGTHS]
    file.write_text("\n".join(lines) + f"\n{end}")


@pytest.fixture(scope="session")
def sncosmo():
    reason = 'templates are read with sncosmo: pip install "transient-zoo[sim]"'
    return pytest.importorskip("sncosmo", reason=reason)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two classes of core collapse; the second template of one has another phase 0."""
    path = tmp_path / "spectra"
    path.mkdir()
    write_series(path / "a.dat")
    write_series(path / "b 'x'.dat", shift=7)
    write_series(path / "c.dat")
    (path / "templates.csv").write_text(
        "label,file\nSN II,a.dat\nSNII,b 'x'.dat\nIc,c.dat\n"
    )
    return path


def run(survey: str, objects: int, **options) -> LightCurves:
    return concatenate(list(simulate(survey, objects=objects, **options)))


def sha256(light_curves: LightCurves) -> str:
    arrays = ("offsets", "mjd", "flux", "flux_err", "band", "detected")
    parts = [getattr(light_curves, name).tobytes() for name in arrays]
    parts += [light_curves.metadata.to_csv().encode()]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def flux_of(
    files: tuple[Path, ...],
    band: str,
    redshift: float,
    phase: float,
    *,
    salt3: bool = False,
    x1: float = 0.0,
    colour: float = 0.0,
    template: int = 0,
) -> float:
    """Flux per frequency in the rest frame, in units of the template's peak."""
    on = ZTF if band.startswith("ztf") else LSST
    model = TemplateModel(files, salt3, on)
    drawn = {"magnitude": -19.0, "host_dust": 0, "x1": x1, "colour": colour}
    drawn = {name: np.array([value], np.float32) for name, value in drawn.items()}
    placed = model.place(
        {**drawn, "template": np.array([template])}, np.array([redshift]), on
    )
    code, days = np.array([on.bands.index(band)]), np.float32([phase * (1 + redshift)])
    flux = model.flux(placed, np.array([0]), code, days)[0]
    modulus = distance_modulus(np.array([redshift]))[0]
    return flux / (10 ** (-0.4 * (-19.0 + modulus - ZEROPOINT)) * (1 + redshift))


@simulated
@pytest.mark.parametrize(
    ("band", "redshift", "phase"),
    [("ztfr", 0.05, 0), ("ztfg", 0.1, 14), ("lsstu", 0.8, -9), ("lssty", 0.3, 30.5)],
)
def test_flux_of_a_series(folder, band, redshift, phase):
    on = ZTF if band.startswith("ztf") else LSST
    rest = np.array(on.samples[on.bands.index(band)]) / (1 + redshift)
    expected = (rest**2).mean() / 0.62**2 * np.exp(-0.5 * (phase / WIDTH) ** 2)
    files = find_templates(folder)["SNII"]
    for template in (0, 1):  # the phases of the second are shifted; its peak is not
        got = flux_of(files, band, redshift, phase, template=template)
        assert got == pytest.approx(expected, rel=0.02)


@simulated
def test_before_and_after_a_series(folder):
    files = find_templates(folder)["SNII"]
    assert flux_of(files, "ztfr", 0.1, -25) == 0
    last, later = (flux_of(files, "ztfr", 0.1, phase) for phase in (60, 100))
    assert later / last == pytest.approx(np.exp(-40 / 111.3), rel=0.01)


@simulated
def test_years_after_a_series(folder):
    files = find_templates(folder)["SNII"]
    assert flux_of(files, "ztfr", 0.1, -900) == 0
    last, later = (flux_of(files, "ztfr", 0.1, phase) for phase in (60, 500))
    assert later / last == pytest.approx(np.exp(-440 / 111.3), rel=0.01)
    light_curves = run("ztfsims", 60, templates=folder, seed=1, years=(2, 3))
    assert np.isfinite(light_curves.flux).all()
    assert np.ptp(light_curves.mjd[: light_curves.offsets[1]]) > 0


@simulated
def test_simulation(folder):
    light_curves = run("ztfsims", 301, templates=folder, seed=1)
    counts = light_curves.metadata["label"].value_counts()
    assert set(counts.index) == {"SNII", "SNIc"}
    assert set(counts) == {150, 151}
    assert light_curves.detected.any()
    assert np.isfinite(light_curves.flux).all()
    assert set(light_curves.metadata) == set(run("ztfsims", 12).metadata)
    assert sha256(light_curves) == sha256(run("ztfsims", 301, templates=folder, seed=1))
    assert sha256(light_curves) != sha256(run("ztfsims", 301, templates=folder, seed=2))


@simulated
def test_same_bytes_with_workers(folder):
    alone = sha256(run("lsstsims", 600, templates=folder, seed=3))
    assert alone == sha256(run("lsstsims", 600, templates=folder, seed=3, workers=2))


@simulated
def test_coarser_classes(folder):
    light_curves = run("bts", 200, templates=folder, classes=["SNIb/c", "SNII"])
    assert set(light_curves.metadata["subclass"]) == {"SNIc", "SNII"}
    assert set(run("bts", 200, templates=folder).labels) == {"SNIb/c", "SNII"}


@simulated
def test_class_without_template_is_refused_by_name(folder):
    with pytest.raises(ValueError, match="no template of SNIa, TDE"):
        simulate(
            "ztfsims", objects=5, templates=folder, classes=["SNII", "SNIa", "TDE"]
        )


def test_without_sncosmo(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "sncosmo", None)
    with pytest.raises(ImportError, match=r'pip install "transient-zoo\[sim\]"'):
        simulate("ztfsims", objects=5, templates=folder)
    assert len(run("ztfsims", 12)) == 12


@pytest.mark.parametrize(
    ("index", "error", "message"),
    [
        ("label,file\nSNII,no.dat\n", FileNotFoundError, "line 2: .*no.dat does not"),
        ("label,file\nAGN,a.dat\n", ValueError, "AGN takes no template"),
        ("label,file\nSNIbn,a.dat\n", ValueError, "SNIbn takes no template"),
        ("label,file\nSNIz,a.dat\n", ValueError, "'SNIz' is not a known class"),
        ("label,file\nSNIa,a.dat\n", ValueError, "folder with salt3_template_0.dat"),
        ("class,path\nSNIa,a.dat\n", ValueError, "header label,file"),
        ("label,file\n", ValueError, "holds no templates"),
    ],
)
def test_refused_index(folder, index, error, message):
    (folder / "templates.csv").write_text(index)
    with pytest.raises(error, match=message):
        find_templates(folder)


@simulated
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 2\n", "has 2 columns"),
        ("a b c\n", "not a table of numbers"),
        ("0 6200 1\n", "not a grid of spectra"),
        ("\n".join(f"{p} {w} 0" for p in (0, 1) for w in range(5000, 7001, 100)), "no"),
    ],
)
def test_refused_series(folder, text, message):
    (folder / "c.dat").write_text(text)
    with pytest.raises(ValueError, match=message):
        run("ztfsims", 5, templates=folder, classes=["SNIc"])


@simulated
def test_refused_folders(tmp_path):
    with pytest.raises(FileNotFoundError, match="is not a folder. Give a folder with"):
        simulate("ztfsims", objects=5, templates=tmp_path / "none")
    with pytest.raises(ValueError, match="holds no templates in a known layout"):
        simulate("ztfsims", objects=5, templates=tmp_path)


def test_published_layout(tmp_path):
    spectra = tmp_path / "v19" / "Templates_HostCorrected"
    info = tmp_path / "v19" / "Inputs" / "SNe_Info" / "info.dat"
    for path in (spectra, info.parent):
        path.mkdir(parents=True)
    for name in ("SN1", "SN2'", "SN.3", "SN4"):
        write_series(spectra / f"pycoco_{name}.SED")
    with pytest.raises(FileNotFoundError, match="has the classes of the templates"):
        find_templates(tmp_path)
    lines = [
        "Name z",
        "SN1 0.1 1:2:3 +4:5:6 IIn II II 0.1 0.2",
        "SN2' Ibc Ib",
        "",
        "SN",
    ]
    info.write_text("\n".join([*lines, "SN.3    II II      "]))
    with pytest.raises(ValueError, match="does not name the class of SN4"):
        find_templates(tmp_path)
    info.write_text("\n".join([*lines, "SN.3    II II      ", "SN4 Ibn Ib"]))
    found = find_templates(tmp_path)
    names = {label: [file.name for file in files] for label, files in found.items()}
    assert names == {
        "SNII": ["pycoco_SN.3.SED"],
        "SNIIn": ["pycoco_SN1.SED"],
        "SNIb": ["pycoco_SN2'.SED"],
    }


def test_lines_without_a_number_are_left_out(folder):
    write_series(folder / "c.dat", end="60.0 nan nan\n")
    assert _read_series(folder / "c.dat")[2].shape == (41, 96)
    packed = folder / "c.dat.gz"
    packed.write_bytes(gzip.compress((folder / "c.dat").read_bytes()))
    assert _read_series(packed)[2].shape == (41, 96)


def test_digest_follows_the_content(folder):
    before = digest(find_templates(folder))
    moved = folder.rename(folder.with_name("moved"))
    assert digest(find_templates(moved)) == before
    write_series(moved / "c.dat", shift=1)
    assert digest(find_templates(moved)) != before


@simulated
def test_data_set(folder, tmp_path):
    options = {"objects": 60, "seed": 4}
    made = registry.builder(
        "ztfsims", templates=folder, data_dir=tmp_path / "one", **options
    )
    tfds.display_progress_bar(False)
    labels = registry.load_light_curves(made).labels
    assert set(labels) == {"SNII", "SNIc"}
    name = made.builder_config.name
    assert name == f"simulated-n60-s4-t{digest(find_templates(folder))}"

    type(made)._configs_made.pop(name)  # as in a new process
    again = type(made)(config=name, data_dir=tmp_path / "one")
    assert len(registry.load_light_curves(again)) == 60
    with pytest.raises(
        ValueError, match="does not contain the folder of its templates"
    ):
        registry.prepare(type(made)(config=name, data_dir=tmp_path / "two"))
    with pytest.raises(ValueError, match="applies to simulations only"):
        registry.builder("ztfsims", templates=folder, source_dir=tmp_path)


@simulated
def test_command(folder, tmp_path, monkeypatch):
    from typer.testing import CliRunner

    from zoo.cli.main import app

    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "tfds"))
    command = [
        "data",
        "build",
        "ztfsims",
        "--templates",
        str(folder),
        "--objects",
        "40",
    ]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert "ztfsims/simulated-n40-s0-t" in result.output


@pytest.fixture(scope="module")
def published(test_data: Path) -> dict[str, tuple[Path, ...]]:
    return find_templates(test_data / "templates")


@pytest.fixture(scope="module")
def bandpasses(test_data: Path, sncosmo) -> dict:
    """The published transmission curves, in Angstrom."""
    found = {}
    for band in (*ZTF.bands, *LSST.bands):
        folder, letter = test_data / "passbands" / band[:-1], band[-1]
        pattern = f"ZTF_{letter}_*.csv" if "ztf" in band else f"total_{letter}.dat"
        file = next(folder.glob(pattern))
        rows = np.loadtxt(file, delimiter="," if file.suffix == ".csv" else None)
        first = np.unique(rows[:, 0], return_index=True)[1]
        found[band] = sncosmo.Bandpass(*(rows[first].T * [[10], [1]]), trim_level=0.001)
    return found


def test_published_templates_are_recognised(published):
    assert {label: len(files) for label, files in published.items()} == {
        "SNIa": 1,
        "SNII": 5,
        "SNIIn": 2,
        "SNIIb": 2,
        "SNIb": 3,
        "SNIc": 3,
        "SNIc-BL": 4,
    }


CASES = [
    ("ztfg", 0.05, 0.0),
    ("ztfr", 0.1, -6.0),
    ("lsstu", 0.3, 3.0),
    ("lsstg", 0.35, 12.0),
    ("lssti", 0.5, 25.0),
    ("lssty", 0.8, 7.0),
]


@pytest.mark.parametrize(("band", "redshift", "phase"), CASES)
@pytest.mark.parametrize("label", ["SNII", "SNIIb", "SNIc", "SNIc-BL"])
def test_series_against_sncosmo(
    sncosmo, published, bandpasses, label, band, redshift, phase
):
    file = published[label][0]
    source = sncosmo.TimeSeriesSource(*_read_series(file), time_spline_degree=1)
    # When the peak is in g and r, and how bright it is at 0.62 um.
    times = np.arange(source.minphase(), source.maxphase(), 0.25)
    optical, red = np.arange(4105.0, 6900, 5), np.arange(5895.0, 6510, 5)
    peak = (source.flux(times, optical) / optical).sum(1).argmax()
    curve = absolute(source.flux(times, red), red)
    model = sncosmo.Model(source)
    model.set(z=redshift, t0=-times[peak] * (1 + redshift))
    days = phase * (1 + redshift)
    expected = model.bandflux(bandpasses[band], days, zp=0.0, zpsys="ab")
    expected /= curve[peak] * (1 + redshift)
    got = flux_of((file,), band, redshift, phase)
    assert got == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize(("x1", "colour"), [(0, 0), (1.5, 0), (-1, 0.2)])
@pytest.mark.parametrize(("band", "redshift", "phase"), CASES)
def test_salt3_against_sncosmo(
    sncosmo, published, bandpasses, band, redshift, phase, x1, colour
):
    folder = published["SNIa"][0]
    source = _salt3_source(folder)
    blue = np.arange(3915.0, 4850, 5)
    peak = absolute(source.flux(np.array([0.0]), blue), blue)[0]
    model = sncosmo.Model(source)
    model.set(z=redshift, t0=0, x0=1, x1=x1, c=colour)
    days = phase * (1 + redshift)
    expected = model.bandflux(bandpasses[band], days, zp=0.0, zpsys="ab")
    expected /= peak * (1 + redshift)
    got = flux_of((folder,), band, redshift, phase, salt3=True, x1=x1, colour=colour)
    # The slope of the magnitude in c is that at the peak.
    assert got == pytest.approx(expected, rel=0.03 if colour == 0 else 0.06)


def absolute(flux: np.ndarray, wavelength: np.ndarray) -> np.ndarray:
    """Mean flux per frequency `(p,)` in units of AB magnitude 0."""
    light, ab = 2.99792458e18, 3.631e-20
    return (flux * wavelength**2 / light / ab).mean(1)


@simulated
def test_simulation_from_published_templates(published, test_data):
    light_curves = run("ztfsims", 700, templates=test_data / "templates")
    assert set(light_curves.labels) == set(published)
    magnitude = light_curves.metadata.groupby("label")["peak_abs_mag"].median()
    assert magnitude["SNIa"] == pytest.approx(-19.2, abs=0.2)
