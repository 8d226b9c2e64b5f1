"""Classes and inputs, as a card describes them: enough to compute the inputs."""

from collections.abc import Mapping

from zoo.inputs.metadata import FURTHEST
from zoo.inputs.parameters import Preprocessing
from zoo.model_folder.preset import Preset
from zoo.passbands import PASSBANDS
from zoo.system.plain import in_markdown

_ROW = {
    "paper": (
        ("wavelength", "effective wavelength of the passband, um"),
        ("time", "(days since trigger + 30) / 100"),
        ("flux", "flux / {scale:g}"),
        ("error", "flux error / {scale:g}"),
    ),
    "scaled": (
        (
            "wavelength",
            "(wavelength - 0.6) / 0.15, the effective one of the passband, um",
        ),
        ("time", "days since trigger / 30"),
        ("flux", "asinh(flux / s)"),
        ("error", "log10(flux error / s) + 0.7"),
        ("brightness", "log10(s / {scale:g}) - 0.5"),
    ),
}
"""What `zoo.inputs.features` computes from an observation, in words."""

_ROW["long"] = tuple(
    (
        name,
        "d / 30 up to d = 70 days before or after trigger, beyond that "
        "70 / 30 * (1 + ln(d / 70)); negative before trigger",
    )
    if name == "time"
    else (name, text)
    for name, text in _ROW["scaled"]
)

_SCALE = (
    "s is the absolute flux of the trigger's detection, or its error where that "
    "is larger."
)
_METADATA: dict[str, dict[str, str]] = {
    "paper": {
        "redshift": "redshift",
        "redshift_err": "error of the redshift, 0 where it is exact",
        "mwebv": "Milky Way E(B-V), mag",
    },
    "scaled": {
        "redshift": "2 log10(redshift / 0.1), redshift at least 0.001",
        "redshift_err": "log10(error of the redshift / 0.001), at least 0, which is an "
        "exact redshift",
        "mwebv": "2 log10(E(B-V) / 0.036), E(B-V) in mag, at least 0.003",
    },
}
_METADATA["long"] = _METADATA["scaled"]


def classes_and_inputs(preset: Preset, parameters: str = "`zoo.json`") -> str:
    """The Markdown of the section.

    Args:
        preset: of the model.
        parameters: the file that holds those of the preprocessing.
    """
    preprocessing = preset.preprocessing
    first, last = preprocessing.window
    lines = [
        "**Classes**, in the order of the output: "
        f"{', '.join(map(in_markdown, preset.classes))}.",
        "",
        "**Light curves**: difference-image fluxes (AB, zero point 27.5) with errors, "
        "not corrected for Milky Way dust, in the passbands "
        f"{_passbands(preprocessing)}. Times count from the trigger, the first "
        "detection that another one, in any passband, follows within "
        f"{preprocessing.pair_days:g} days; rows from {first:g} to {last:g} days are "
        f"used.{_range(preprocessing)} One function turns them into the network's "
        f"inputs, in training and afterwards; its parameters are in {parameters}. Each "
        "observation becomes a "
        "row of these features; rows of zeros pad a light curve at its end:",
        "",
        *_table(observation_rows(preprocessing)),
        "",
    ]
    if preprocessing.features != "paper":
        lines += [_SCALE, ""]
    return "\n".join([*lines, *_metadata(preprocessing)])


def inputs_in_words(preprocessing: Preprocessing) -> str:
    """The inputs of a model, in a few words."""
    if preprocessing.metadata:
        further = "".join(f", {in_markdown(name)}" for name in preprocessing.columns)
        return f"light curve; redshift and E(B-V){further} where known"
    return "light curve alone"


def _passbands(preprocessing: Preprocessing) -> str:
    """Passbands with their wavelengths: the model's own where it has them."""
    wavelengths = {p.name: p.wavelength for p in PASSBANDS.values()}
    wavelengths |= preprocessing.wavelengths
    return ", ".join(
        f"{in_markdown(b)} ({wavelengths[b]:g} um)" for b in preprocessing.passbands
    )


def _range(preprocessing: Preprocessing) -> str:
    trained = preprocessing.trained_range
    if trained is None:
        return ""
    margin = preprocessing.wavelength_margin
    return (
        f" Before all else, rows at wavelengths below {trained[0] - margin:g} or above "
        f"{trained[1] + margin:g} um are left out."
    )


def observation_rows(preprocessing: Preprocessing) -> list[tuple[str, str]]:
    """Each feature of an observation, and how it is computed, in words."""
    scale = preprocessing.flux_scale
    return [(n, text.format(scale=scale)) for n, text in _ROW[preprocessing.features]]


def _metadata(preprocessing: Preprocessing) -> list[str]:
    if not preprocessing.metadata:
        return ["**Metadata**: none; the model uses light curves alone."]
    rows = metadata_rows(preprocessing)
    return ["**Metadata**, each of which may be unknown:", "", *_table(rows)]


def metadata_rows(preprocessing: Preprocessing) -> list[tuple[str, str]]:
    """Each input of the metadata branch, and how it is computed, in words."""
    rows = []
    for name in preprocessing.metadata:
        scalar = name.removesuffix("_known")
        if name in preprocessing.columns:
            text = _standard(preprocessing.columns[name])
        elif name == scalar:
            fill = preprocessing.metadata_fill[name]
            text = f"{_METADATA[preprocessing.features][name]}; {fill:g} where unknown"
        else:
            text = f"1 where the {in_markdown(scalar)} is known, else 0"
        rows.append((name, text))
    return rows


def _standard(standard: Mapping[str, float]) -> str:
    """How a further column becomes an input, in words."""
    if not standard:
        return "a further column of the metadata; 0 until the model is trained with it"
    return (
        f"(value - {standard['median']:g}) / {standard['scale']:g}, from "
        f"-{FURTHEST:g} to {FURTHEST:g}; 0 where unknown"
    )


def _table(rows: list[tuple[str, str]]) -> list[str]:
    lines = (f"| {in_markdown(a)} | {b} |" for a, b in rows)
    return ["| input | value |", "|---|---|", *lines]
