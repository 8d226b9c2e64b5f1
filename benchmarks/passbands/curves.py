"""Transmission curves inside downloaded packages, and the numbers that they give."""

import re
import tarfile
import tomllib
import zipfile
from functools import cache
from pathlib import Path

import numpy as np

SOURCES = tomllib.loads((Path(__file__).parent / "sources.toml").read_text())
MICROMETRE = {"angstrom": 1e-4, "aa": 1e-4, "nm": 1e-3, "nanometer": 1e-3, "um": 1.0}
"""Of the units that files name, in lower case."""
AB_ZEROPOINT = 48.6
"""AB magnitude of 1 erg/s/cm2/Hz, with the other sign (Oke & Gunn 1983)."""
SPEED_OF_LIGHT = 2.99792458e18
"""Angstrom per second."""

Curve = tuple[np.ndarray, np.ndarray]
"""Wavelength, um, rising, and transmission."""


def key(name: str) -> str:
    """What names are compared by: lower-case letters, digits and primes alone.

    >>> key("PS1-g") == key("ps1::g") == key("ps1 G")
    True
    """
    return re.sub(r"[^a-z0-9']", "", name.lower())


def stems(entry: dict) -> dict[str, str]:
    """Passbands of a set, and what stands for {file} in the paths of their curves."""
    bands = entry["bands"]
    return {band: band for band in bands.split()} if isinstance(bands, str) else bands


class Packages:
    """The files inside the wheels and source archives of a folder."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.open = cache(self._open)

    def _open(self, package: str) -> zipfile.ZipFile | tarfile.TarFile:
        version, _ = SOURCES["packages"][package]
        found = sorted(self.folder.glob(f"{package}-{version}[-.]*"))
        if not found:
            raise SystemExit(
                f"{self.folder} does not hold {package} {version}; run `pip download "
                f"--no-deps --dest {self.folder} {package}=={version}`."
            )
        wheel = found[0].suffix == ".whl"
        return zipfile.ZipFile(found[0]) if wheel else tarfile.open(found[0])

    def read(self, package: str, path: str) -> bytes:
        """A file of a package, by its path when installed; KeyError without it."""
        archive = self.open(package)
        if isinstance(archive, zipfile.ZipFile):
            return archive.read(path)
        top = archive.getnames()[0].split("/")[0]
        return archive.extractfile(f"{top}/{path}").read()

    def curve(self, package: str, path: str) -> Curve:
        """The curve in a table of two columns or a VOTable.

        Wavelengths are Angstrom unless the file, or " in UNIT" after `path`, says else.
        """
        path, _, unit = path.partition(" in ")
        text = self.read(package, path).decode("utf8", errors="replace")
        cells = re.findall(r"<TD>\s*([-+.\deE]+)\s*</TD>", text)
        if not cells:
            rows = (row.split("#")[0].replace(",", " ") for row in text.splitlines())
            fields = (row.removeprefix("KFILTER").split() for row in rows)
            numbers = (row[:2] for row in fields if re.match(r"[\d.]", (row or "-")[0]))
            cells = [number for row in numbers for number in row]
        wavelength, transmission = np.array(cells, dtype=float).reshape(-1, 2).T
        order = np.argsort(wavelength, kind="stable")
        named = re.search(r"(?:wavelength, unit: |WAVELENGTH_UNIT\s+)(\w+)", text)
        unit = unit or (named[1] if named else "Angstrom")
        return wavelength[order] * MICROMETRE[unit.lower()], transmission[order]


def effective_wavelength(curve: Curve) -> float:
    """Mean wavelength, um, weighted with the transmission."""
    wavelength, transmission = curve
    area = np.trapezoid(transmission, wavelength)
    return float(np.trapezoid(transmission * wavelength, wavelength) / area)


def samples(curve: Curve) -> np.ndarray:
    """Wavelengths, um, that halve the eighths of the integral over ln(wavelength)."""
    wavelength, transmission = curve
    x = np.log(wavelength)
    steps = np.diff(x) * (transmission[1:] + transmission[:-1]) / 2
    # Measured transmissions may be slightly negative beside the passband.
    total = np.concatenate([[0.0], np.cumsum(np.maximum(steps, 0))])
    return np.exp(np.interp((np.arange(8) + 0.5) / 8 * total[-1], total, x))


def ab_magnitude(curve: Curve, spectrum: np.ndarray) -> float:
    """AB magnitude that a photon counter measures.

    Args:
        curve: the passband.
        spectrum: wavelength, Angstrom, and flux density, erg/s/cm2/Angstrom, `(2, n)`.
    """
    wavelength, transmission = curve[0] * 1e4, curve[1]
    photons = transmission * wavelength
    flux = np.interp(wavelength, *spectrum)
    flat = SPEED_OF_LIGHT / wavelength**2 * 10 ** (-0.4 * AB_ZEROPOINT)
    ratio = np.trapezoid(flux * photons, wavelength) / np.trapezoid(
        flat * photons, wavelength
    )
    return float(-2.5 * np.log10(ratio))
