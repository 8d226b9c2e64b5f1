"""Pretrained classifiers of astronomical transients that move to your survey.

    import zoo

    model = zoo.load("ztfsims-gru")
    probabilities = model.classify(photometry, metadata)
    mine = model.transfer(target="mine", classes=["SNIa", "other"])

Public names are resolved on first use, so that `import zoo` imports neither Keras nor
TensorFlow.
"""

from pathlib import Path as _Path

# In a source checkout `zoo.datasets` and `zoo.cli` live beside `zoo/`; the symbolic
# links in `zoo/` serve the same end where they are checked out.
_root = _Path(__file__).resolve().parent.parent
if (_root / "pyproject.toml").is_file() and (_root / "datasets").is_dir():
    __path__.append(str(_root))
