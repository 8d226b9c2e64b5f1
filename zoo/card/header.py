"""The YAML header of a card: the part that the Hugging Face Hub reads.

The hub uses it to find and filter models, to show their metrics and to draw the tree of
a base model and those transferred from it. It shows the measurements of `model-index`
for any data; those on data sets that it knows are in `.eval_results` too, which it
ranks (`zoo.card.eval_results`). Our own key `zoo` is for our own listing.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from zoo.card.eval_results import DIGITS, hub_data_sets
from zoo.evaluation.metrics_file import measurements
from zoo.hub.client import NAMESPACE, TAG
from zoo.hub.pins import pins
from zoo.model_folder.metric_names import METRIC_NAMES, few
from zoo.model_folder.preset import Preset
from zoo.passbands import PASSBANDS

# Not `keras`: the hub would advise its users to call keras.saving.load_model, which
# cannot load these files. No pipeline: the hub has none for light curves.
LIBRARY = "transient-zoo"
_TASK = "time-series-classification"
# Of our metrics, those that have an id at https://huggingface.co/metrics
_METRICS = {"macro_auroc": "roc_auc", "macro_f1": "f1", "accuracy": "accuracy"}
_TAGS = (
    TAG,
    "keras",
    "astronomy",
    "time-domain-astronomy",
    "transients",
    "supernovae",
    "light-curves",
)


def header(preset: Preset, metrics: Mapping[str, Any]) -> str:
    """The YAML header, without the lines of dashes around it.

    Args:
        preset: of the model.
        metrics: the content of `metrics.json`; the header has every metric of every
            measurement, with its interval, in the order of the file, but not those of
            too few objects (`zoo.model_folder.metric_names.few`).
    """
    from huggingface_hub import ModelCardData

    known = [PASSBANDS.get(name) for name in preset.preprocessing.passbands]
    observed = sorted({passband.survey for passband in known if passband})
    survey = [preset.survey] if preset.survey else []
    moved = ["transfer-learning"] if preset.parent else []
    parent = hub_id(preset.parent) if preset.parent else None
    results = list(_results(metrics))
    scored = {result.metric_type for result in results}
    data = ModelCardData(
        license=preset.license.lower() or None,
        library_name=LIBRARY,
        # Without repetition, in this order: a survey may have the name of a telescope.
        tags=list(dict.fromkeys([*_TAGS, *observed, *survey, *moved])),
        datasets=hub_data_sets(str(preset.training.get("data"))) or None,
        metrics=[_METRICS[key] for key in _METRICS if key in scored] or None,
        base_model=parent,
        base_model_relation="finetune" if parent else None,
        model_name=preset.model_id,
        eval_results=results or None,
        zoo={
            "version": preset.version,
            "survey": preset.survey,
            "classes": len(preset.classes),
            **({"ancestors": list(preset.ancestors)} if preset.ancestors else {}),
        },
    )
    return data.to_yaml().strip()


def hub_id(source: str) -> str | None:
    """The repository of a model named `id@revision`; ids of the zoo get its namespace.

    None for any other id without a namespace: that model was never published.

    Example:
        >>> hub_id("ztfsims-gru@v1.1.0"), hub_id("me/mine@v2.0.0"), hub_id("m@v0.0.0")
        ('transient-zoo/ztfsims-gru', 'me/mine', None)
    """
    name = source.partition("@")[0]
    if "/" in name:
        return name
    return f"{NAMESPACE}/{name}" if name in pins() else None


def _results(metrics: Mapping[str, Any]) -> Iterator[Any]:
    from huggingface_hub import EvalResult

    for number, measured in enumerate(measurements(metrics)):
        if few(measured["n"], measured["per_class"])["objects"]:
            continue
        name = measured["data"] or "light curves"
        subject = {
            "n": measured["n"],
            "classes": list(measured["classes"]),
            "metadata": measured.get("metadata"),
            "where": measured.get("where"),
        }
        for key, title in METRIC_NAMES.items():
            low, high = measured["intervals"][key]
            if measured[key] is None:
                continue
            yield EvalResult(
                task_type=_TASK,
                task_name="classification of light curves",
                dataset_type=re.split(r"[/ ]", name)[0],
                dataset_name=name,
                # The client merges metrics of one data set; a data set may be measured
                # twice, with and without metadata.
                dataset_config=f"measurement {number + 1}",
                dataset_args={k: v for k, v in subject.items() if v is not None},
                metric_type=key,
                metric_name=title,
                metric_value=_number(measured[key]),
                metric_args={"interval": [_number(low), _number(high)], "level": 0.95},
            )


def _number(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
