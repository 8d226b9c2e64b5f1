"""A folder of spectral templates: which files belong to which class.

Templates are not part of this package, for want of a licence; whoever has some names
their folder. It holds `templates.csv`, or is recognised as it was published.

`templates.csv` has the columns `label` and `file`, one line per template, the file as a
path from the folder. An SN Ia takes a folder in the format of SALT3; every other
explosion a text file, perhaps gzipped, of three columns: phase in days, wavelength in
Angstrom, flux per wavelength in any unit, on a grid, with `#` before comments. The
templates of a class are drawn equally often; one that is listed twice, twice as often.

    label,file
    SNIa,salt3-k21
    SNII,sn2013fs.dat.gz

Recognised, wherever below the folder, are SALT3 surfaces (`salt3_template_0.dat`), and
the templates of Vincenzi et al. 2019, MNRAS 489 5802, without the dust of their hosts
(`Templates_HostCorrected/pycoco_*.SED`), whose classes `Inputs/SNe_Info/info.dat`
names. Templates are built on real supernovae: do not train on one and score on the
light curve of its supernova.
"""

import csv
import hashlib
import re
from collections.abc import Mapping
from os import PathLike
from pathlib import Path

from zoo.datasets.simulator.populations import populations
from zoo.labels import canonical

INDEX = "templates.csv"

_SALT3 = "salt3_template_0.dat"
_V19_FOLDER, _V19_INFO = "Templates_HostCorrected", Path("Inputs/SNe_Info/info.dat")
_V19_FILE = re.compile(r"pycoco_(.+?)\.SED(\.gz)?")
_LOOKS_FOR = (
    f"Give a folder with {INDEX} (columns label, file), SALT3 surfaces ({_SALT3}) or "
    f"the templates of Vincenzi et al. 2019 ({_V19_FOLDER} beside Inputs)."
)


def find_templates(folder: str | PathLike[str]) -> dict[str, tuple[Path, ...]]:
    """Find the templates in a folder.

    Args:
        folder: as the text above describes it.

    Returns:
        The files of each class, by canonical label; for SN Ia folders. Published
        templates of classes that are not simulated (SN Ibn) are left out.

    Raises:
        FileNotFoundError: the folder, or a file that its index names, does not exist.
        ValueError: it holds no templates, or a class takes none of this kind.
    """
    path = Path(folder).expanduser().resolve()
    if not path.is_dir():
        raise FileNotFoundError(f"{path} is not a folder. {_LOOKS_FOR}")
    listed = _listed(path) if (path / INDEX).is_file() else _recognised(path)
    if not listed:
        raise ValueError(f"{path} holds no templates in a known layout. {_LOOKS_FOR}")
    templates: dict[str, tuple[Path, ...]] = {}
    for label, file in listed:
        templates[label] = (*templates.get(label, ()), file)
    return {label: templates[label] for label in populations() if label in templates}


def digest(templates: Mapping[str, tuple[Path, ...]]) -> str:
    """Twelve digits that change with the templates, wherever they are."""
    whole = hashlib.sha256()
    for label, paths in templates.items():
        for path in paths:
            files = sorted(path.iterdir()) if path.is_dir() else [path]
            for file in (file for file in files if file.is_file()):
                part = hashlib.sha256(file.read_bytes()).hexdigest()
                whole.update(f"{label} {file.name} {part}\n".encode())
    return whole.hexdigest()[:12]


def _listed(folder: Path) -> list[tuple[str, Path]]:
    """Labels and files of the index."""
    index, listed = folder / INDEX, []
    with index.open(newline="", encoding="utf-8") as stream:
        for number, row in enumerate(csv.DictReader(stream), start=2):
            name, file = row.get("label"), row.get("file")
            if not name or not file:
                raise ValueError(
                    f"{index}, line {number}: there is no label or no file. Write both "
                    "below the header label,file."
                )
            label = str(canonical(name))
            population = populations().get(label)
            if population is None or population.model not in ("explosion", "snia"):
                raise ValueError(
                    f"{index}, line {number}: {label} takes no template. Leave it out."
                )
            path, salt3 = folder / file, population.model == "snia"
            if not path.exists():
                raise FileNotFoundError(
                    f"{index}, line {number}: {path} does not exist. Name the file as "
                    "a path from the folder."
                )
            if path.is_dir() != salt3 or (salt3 and not any(path.glob(f"{_SALT3}*"))):
                wanted = f"a folder with {_SALT3}" if salt3 else "a file of spectra"
                raise ValueError(
                    f"{index}, line {number}: the template of {label} is {wanted}; "
                    f"{path} is not. Name one."
                )
            listed.append((label, path))
    return listed


def _recognised(folder: Path) -> list[tuple[str, Path]]:
    """Labels and files of templates in the folders in which they were published."""
    surfaces = sorted({file.parent for file in folder.rglob(f"{_SALT3}*")})
    listed = [("SNIa", path) for path in surfaces]
    for spectra in sorted(folder.rglob(_V19_FOLDER)):
        info = spectra.parent / _V19_INFO
        if not info.is_file():
            raise FileNotFoundError(
                f"{info} does not exist. It has the classes of the templates in "
                f"{spectra}: restore it, or write {INDEX}."
            )
        labels = _v19_labels(info)
        for file in sorted(spectra.iterdir()):
            if not (match := _V19_FILE.fullmatch(file.name)):
                continue
            if match[1] not in labels:
                raise ValueError(
                    f"{info} does not name the class of {match[1]}. Add a line "
                    f"`{match[1]} II II`, with its own class, or write {INDEX}."
                )
            if labels[match[1]] in populations():
                listed.append((labels[match[1]], file))
    return listed


def _v19_labels(info: Path) -> dict[str, str]:
    """Label of each supernova in `info.dat`: name, perhaps z and position, two types.

    The first type is the finer one (SN Ibn), but for an uncertain Ibc.
    """
    labels = {}
    for line in info.read_text(encoding="utf-8").splitlines()[1:]:
        words = line.split()
        types = words[1:3] if len(words) < 6 else words[4:6]
        if len(types) == 2:
            label = canonical(types[0])
            labels[words[0]] = str(canonical(types[1]) if label == "SNIb/c" else label)
    return labels
