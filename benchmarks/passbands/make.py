"""Make `zoo/passbands/catalogue.json` from transmission curves in PyPI packages.

    python benchmarks/passbands/make.py CURVES

CURVES is a folder with the packages as published (0.2 GB). Curves are read inside them;
nothing is installed, and no curve enters the repository:

    pip download --no-deps --dest CURVES speclite==1.0.0 piscola==3.1.0 \
        hostphot==3.2.4 bayesn==0.4.0 pyphot==2.1.1 astro-sedpy==0.4.1 snpy==2.7.4 \
        lightcurve_fitting==0.11.3 sncosmo==2.13.1 svo_filters==0.5.3

`sources.toml` says which file is whose curve. A curve is taken as the transmission T
per photon, as its file has it. Those of Bessell (1990) and of 2MASS were published per
erg; the packages hold them per photon. `4shooter2::*` are per erg by piscola's note,
and `keplercam::*` like them by their distance from snpy's; they stay as they are, as in
sncosmo: per photon they would lie 0.001 to 0.003 um further to the blue. pyphot calls
`tess` and `kepler` per erg, sncosmo per photon. Each passband has:

- `wavelength`: effective wavelength, um, the integral of T(l) l dl over that of T(l) dl
  by the trapezoidal rule, as in `zoo.passbands`, whose nine are taken from there.
- `samples`: eight wavelengths, um, that halve the eighths of the integral of T(l) over
  ln(l), as in `zoo.datasets.simulator.surveys`.
- `milky_way`: A(passband) / E(B-V), 3.1 times the mean over the samples of A(l) / A(V)
  (Cardelli, Clayton & Mathis 1989, R(V) = 3.1). For E(B-V) of Schlegel et al. 1998
  multiply by 0.86 (Schlafly & Finkbeiner 2011): 3.21 and 2.25 for ZTF g and r, whose
  coefficients in the simulator, from their table, are 3.24 and 2.28.
- `vega`: AB magnitude of Vega (CALSPEC's alpha_lyr_stis_011 in pyphot), so that
  m(AB) = m(Vega) + `vega` in a system where Vega has 0.
- `source`: package and file, with version and licence in `packages`.
- `aliases`: other names. Names are compared by `curves.key`, so neither case nor
  punctuation matters. No bare letter is an alias: what it means depends on the
  instrument, and `letters` has that, where case does matter.
- `sncosmo`: false where sncosmo does not have the name.
"""

import argparse
import io
import json
from pathlib import Path

import numpy as np
from astropy.io import fits
from curves import (
    SOURCES,
    Packages,
    ab_magnitude,
    effective_wavelength,
    key,
    samples,
    stems,
)

from zoo.datasets.simulator.transients.dust import extinction
from zoo.passbands import PASSBANDS

CATALOGUE = Path(__file__).parents[2] / "zoo" / "passbands" / "catalogue.json"
ABOUT = "Made by benchmarks/passbands/make.py, which says what the numbers are."


def row(
    entry: dict, band: str, stem: str, packages: Packages, vega: np.ndarray
) -> dict:
    """What the catalogue has of a passband of a set."""
    name = entry["name"].format(band=band)
    path = entry["file"].format(file=stem)
    curve = packages.curve(entry["package"], path)
    wavelength = round(effective_wavelength(curve), 4)
    if name in PASSBANDS:
        if abs(wavelength - PASSBANDS[name].wavelength) > 1e-4:
            raise SystemExit(f"{path} is not the curve of {name} in zoo.passbands.")
        wavelength = PASSBANDS[name].wavelength
    eight = samples(curve)
    others = [alias.format(band=band) for alias in entry.get("aliases", [])]
    others += entry.get("special", {}).get(band, [])
    aliases = {key(alias): alias for alias in reversed(others)}
    aliases.pop(key(name), None)
    values = {
        "name": name,
        "survey": entry["survey"],
        "wavelength": wavelength,
        "samples": [round(float(sample), 4) for sample in eight],
        "milky_way": round(float(3.1 * extinction(eight).mean()), 3),
        "vega": round(ab_magnitude(curve, vega), 3),
        "source": f"{entry['package']}:{path}",
        "aliases": list(aliases.values())[::-1],
    }
    return {**values, "sncosmo": False} if entry.get("ours") else values


def vega_spectrum(packages: Packages) -> np.ndarray:
    """Wavelength, Angstrom, and flux density of Vega, `(2, n)`."""
    star = SOURCES["vega"]
    with fits.open(io.BytesIO(packages.read(star["package"], star["file"]))) as hdus:
        table = hdus[1].data
        return np.array([table["WAVELENGTH"], table["FLUX"]], dtype=float)


def catalogue(packages: Packages) -> dict:
    """Everything that the file holds."""
    vega = vega_spectrum(packages)
    rows = [
        row(entry, band, stem, packages, vega)
        for entry in SOURCES["set"]
        for band, stem in stems(entry).items()
    ]
    used = {values["source"].split(":")[0] for values in rows}
    licences = {
        package: {"version": version, "licence": licence}
        for package, (version, licence) in SOURCES["packages"].items()
        if package in used
    }
    letters = {
        survey: dict(pair.split("=") for pair in pairs.split())
        for survey, pairs in SOURCES["letters"].items()
    }
    return {"about": ABOUT, "packages": licences, "passbands": rows, "letters": letters}


def text_of(content: dict) -> str:
    """JSON with one passband, package or survey a line."""
    parts = []
    for name, value in content.items():
        if isinstance(value, str):
            text = json.dumps(value)
        elif isinstance(value, list):
            text = "[\n" + ",\n".join(json.dumps(item) for item in value) + "\n]"
        else:
            lines = (f"{json.dumps(k)}: {json.dumps(v)}" for k, v in value.items())
            text = "{\n" + ",\n".join(lines) + "\n}"
        parts.append(f"{json.dumps(name)}: {text}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main() -> None:
    """Write the catalogue."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("curves", type=Path, help="folder of the downloaded packages")
    packages = Packages(parser.parse_args().curves)
    CATALOGUE.write_text(text_of(catalogue(packages)))


if __name__ == "__main__":
    main()
