"""The names of the metrics."""

METRICS = {
    "macro_auroc": "macro AUROC",
    "macro_f1": "macro F1",
    "balanced_accuracy": "balanced accuracy",
    "accuracy": "accuracy",
    "micro_auroc": "micro AUROC",
    "log_loss": "log loss",
    "ece": "expected calibration error",
}
"""The metrics of a measurement by their key in `metrics.json`, the headline first."""
