"""What `zoo-cli transfer` did, in lines for the terminal."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.adapt import Adapted
    from zoo.classifier.report import TransferReport
    from zoo.inputs.parameters import Preprocessing
    from zoo.light_curves.ragged import LightCurves
    from zoo.training.fit import FitReport

_NAMES = {
    "macro_auroc": "macro AUROC",
    "macro_f1": "macro F1",
    "balanced_accuracy": "balanced accuracy",
    "log_loss": "log loss",
}


def copied_and_trained(report: "TransferReport") -> list[str]:
    """What was copied, kept, new and frozen."""
    kept = (f"{label} from {' + '.join(of)}" for label, of in report.mapped)
    return [
        f"copied: {', '.join(report.copied)}",
        f"head: {'; '.join(kept) or 'nothing kept'}",
        f"new classes: {', '.join(report.new) or 'none'}",
        f"trained: {', '.join(report.trainable)}",
        f"frozen: {', '.join(report.frozen) or 'nothing'}",
    ]


def columns_told(
    light_curves: "LightCurves", preprocessing: "Preprocessing"
) -> list[str]:
    """Which further columns of the metadata a model uses, and which it could."""
    import numpy as np

    from zoo.inputs.metadata import column_values, number_columns

    metadata, lines = light_curves.metadata, []
    for name in preprocessing.columns:
        known = int((~np.isnan(column_values(metadata, name))).sum())
        lines.append(f"column {name}: known of {known} of {len(metadata)} objects")
    left = [one for one in number_columns(metadata) if one not in preprocessing.columns]
    if left and preprocessing.metadata:
        lines.append(f"--metadata could take up: {', '.join(left)}")
    return lines


def adaptation(adapted: "Adapted", base: str, survey: str) -> list[str]:
    """Whether a simulated survey was kept as the start, and why."""
    first, second = adapted.log_losses
    line = (
        f"adapted to {survey}: log loss of {first:.3f} before and {second:.3f} after, "
        f"on {adapted.labels} labels"
    )
    if adapted.kept:
        return [f"{line}; kept"]
    return [f"{line}, which do not show that it helps; {base} is the start"]


def compared(report: "FitReport", base: str) -> list[str]:
    """Base and result on the same labels, which neither was trained on; none where
    nothing was left out for that."""
    if report.comparison is None:
        return []
    n = report.comparison["n"]
    labels = "one label" if n == 1 else f"{n} labels"
    lines = [f"{base} and the result on {labels} that neither was trained on:"]
    for name, title in _NAMES.items():
        values = report.comparison[name]
        if values["first"] is None or values["second"] is None:
            continue
        low, high = values["interval"]
        lines.append(
            f"  {title}: {values['first']:.3f} and {values['second']:.3f}, difference "
            f"{values['difference']:+.3f} ({low:+.3f} to {high:+.3f})"
        )
    if report.fraction:
        way = f"{report.fraction:.0%} of the way from those of {base}"
        return [*lines, f"weights: {way} to the trained ones, chosen on these labels"]
    calibrated = report.temperature != 1
    kept = "kept" + ", with probabilities calibrated on the labels" * calibrated
    return [
        *lines,
        "these labels do not show that training helped: the weights of "
        f"{base} are {kept}",
    ]
