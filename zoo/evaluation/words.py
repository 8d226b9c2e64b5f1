"""What a measurement left out and lacks, in words: for the terminal and for cards."""

from collections.abc import Mapping
from typing import Any

from zoo.model_folder.metric_names import FEWEST_OBJECTS, FEWEST_OF_A_CLASS, few

_REASONS = {
    "excluded": "excluded, as those trained on",
    "no_label": "without a label",
    "no_trigger": "without a trigger",
    "no_finite_output": "for which the model gives no finite output",
}


def left_out_in_words(measured: Mapping[str, Any]) -> str:
    """What a measurement left out, by reason; empty where nothing was.

    Args:
        measured: as `zoo.evaluate` returns it.

    Example:
        >>> reasons = {"excluded": 3, "other_labels": {"SNIb/c": 12}}
        >>> left_out_in_words({"left_out": reasons})
        '12 labelled SNIb/c, 3 excluded, as those trained on'
    """
    if "left_out" not in measured:  # one of an earlier version
        return (
            "trained on, without a trigger, or without a label among the classes"
            if measured["n_excluded"]
            else ""
        )
    counts = measured["left_out"]
    labels = counts["other_labels"].items()
    parts = [f"{count:,} labelled {label}" for label, count in labels]
    parts += [
        f"{counts[x]:,} {words}" for x, words in _REASONS.items() if counts.get(x)
    ]
    return ", ".join(parts)


def cautions(measured: Mapping[str, Any]) -> list[str]:
    """Why the scores of a measurement may say less than they seem to, in sentences.

    Args:
        measured: as `zoo.evaluate` returns it.

    Example:
        >>> cautions({"n": 6, "per_class": {}, "training_objects": "unknown"})[0]
        'Scores on fewer than 20 objects say little.'
    """
    lacking = few(measured["n"], measured["per_class"])
    sentences = []
    if lacking["objects"]:
        sentences.append(f"Scores on fewer than {FEWEST_OBJECTS} objects say little.")
    if lacking["classes"]:
        classes = ", ".join(lacking["classes"])
        sentences.append(
            f"There are fewer than {FEWEST_OF_A_CLASS} objects of {classes}: scores of "
            "such a class, and means over the classes, say little."
        )
    training = measured.get("training_objects")
    if training == "included":
        sentences.append("Objects that the model was trained on are among these.")
    elif training == "unknown":
        sentences.append(
            "Which objects the model was trained on is not known: some may be among "
            "these."
        )
    return sentences
