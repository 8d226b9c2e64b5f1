"""Passbands that a user describes in a file: `passbands.toml`.

    [passband."mine::x"]
    wavelength = 0.54            # effective wavelength, um

    [passband."mine::y"]
    curve = "y.dat"              # two columns, wavelength and transmission
    unit = "nm"                  # of the wavelengths: um (default), nm or Angstrom

It lies beside a light-curve table, or is given by `--passbands`.
"""

from pathlib import Path
from typing import Any

import numpy as np

from zoo.passbands.catalogue import Passband
from zoo.passbands.names import describe
from zoo.passbands.toml import read_toml

FILE = "passbands.toml"
"""Its name in the folder of a light-curve table."""

_PER_UM = {"um": 1.0, "nm": 1e3, "Angstrom": 1e4}
_KEYS = ("wavelength", "curve", "unit")
_LARGEST = 10_000_000  # bytes of a curve; those that are published have some 100,000


def read_passbands(path: Path) -> dict[str, Passband]:
    """The passbands of a file, by the name that the data use.

    Raises:
        FileNotFoundError: there is no such file, or no such curve.
        ValueError: it is not as described above, or the name of a passband of the
            catalogue stands for another wavelength.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder, FILE)
        ...     _ = path.write_text('[passband.x]\\nwavelength = 0.54')
        ...     read_passbands(path)["x"].wavelength
        0.54
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist. Give a {FILE}.")
    tables = read_toml(path)
    passbands = tables.pop("passband", {})
    if tables or not isinstance(passbands, dict) or not passbands:
        raise ValueError(
            f"{path} must hold tables [passband.NAME] and nothing else, such as "
            "[passband.x] with wavelength = 0.54 (um)."
        )
    return {name: passband_of(path, name, entry) for name, entry in passbands.items()}


def passband_of(path: Path, name: str, entry: Any) -> Passband:
    """The passband of one entry of a file, `wavelength` or `curve` and `unit`.

    Args:
        path: of the file, beside which the curve lies.
        name: of the passband.
        entry: as TOML has it.

    Raises:
        FileNotFoundError: there is no such curve.
        ValueError: as `read_passbands`.
    """
    keys = set(entry) if isinstance(entry, dict) else set()
    if len(keys & {"wavelength", "curve"}) != 1 or keys - set(_KEYS):
        raise ValueError(
            f"{path}: passband {name!r} needs either wavelength = 0.54 (um) or "
            'curve = "file.dat", and with a curve its unit where that is not um.'
        )
    try:
        if "curve" in keys:
            return describe(name, curve=read_curve(path, entry))
        value = entry["wavelength"]
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"wavelength of passband {name!r} is {value!r}, no number")
        return describe(name, wavelength=value)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def read_curve(path: Path, entry: dict[str, Any]) -> tuple[list[float], list[float]]:
    """Wavelengths, um, and transmissions of the text file that an entry names.

    Args:
        path: of the file with the entry, beside which the curve lies.
        entry: with `curve` and, unless it is um, `unit`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is too large or holds something else, or the unit is unknown.
    """
    unit = entry.get("unit", "um")
    if unit not in list(_PER_UM):
        raise ValueError(f"unit {unit!r} is not one of {', '.join(_PER_UM)}.")
    if not isinstance(entry["curve"], str):
        raise ValueError(f"curve {entry['curve']!r} is not the name of a file.")
    file = path.parent / entry["curve"]
    if not file.is_file():
        raise FileNotFoundError(f"{path}: the curve {file} does not exist.")
    if file.stat().st_size > _LARGEST:
        raise ValueError(f"the curve {file} is larger than {_LARGEST:,} bytes.")
    try:
        text = file.read_text(encoding="utf-8-sig").replace(",", " ")
        rows = np.loadtxt(text.splitlines(), ndmin=2, usecols=(0, 1))
    except (ValueError, IndexError, UnicodeDecodeError):
        raise ValueError(
            f"the curve {file} is not of two columns of numbers, wavelength and "
            "transmission. Mark other lines with #."
        ) from None
    wavelength, transmission = rows.T
    return (wavelength / _PER_UM[unit]).tolist(), transmission.tolist()
