"""The names of the files in a model folder.

All lie directly in it, but for the results of measurements that the Hugging Face Hub
reads: it wants those in a hidden folder `.eval_results`.
"""

import re
from pathlib import Path

EVAL_RESULTS = ".eval_results"
"""The folder of measurements for the hub: https://huggingface.co/docs/hub/eval-results"""

# Plain names: the client would take *, ? and [ for a pattern of files to download.
_DRAWN = re.compile(
    rf"[A-Za-z0-9_-]+\.png|{re.escape(EVAL_RESULTS)}/[A-Za-z0-9_-]+\.yaml"
)


def is_drawn(name: str) -> bool:
    """Whether a name is that of a figure, or of a file of results: what a card shows,
    and `zoo-cli card` makes from `zoo.json` and `metrics.json`.

    Example:
        >>> is_drawn("roc.png"), is_drawn(".eval_results/ztfsims.yaml")
        (True, True)
        >>> is_drawn("../roc.png"), is_drawn(".eval_results/../zoo.yaml")
        (False, False)
    """
    return _DRAWN.fullmatch(name) is not None


def names_in(folder: Path) -> list[str]:
    """The names of what a folder holds, as `zoo.json` writes them.

    Of `.eval_results` these are its entries, each `.eval_results/NAME`; but where it is
    a link or no folder, its own.
    """
    names = []
    for path in sorted(folder.iterdir()):
        if path.name == EVAL_RESULTS and path.is_dir() and not path.is_symlink():
            names += [
                f"{EVAL_RESULTS}/{inner.name}" for inner in sorted(path.iterdir())
            ]
        else:
            names.append(path.name)
    return names
