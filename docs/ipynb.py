"""The notebooks as `.ipynb`, for Jupyter and Colab: `python docs/ipynb.py FOLDER`.

They are kept as Python files in jupytext's percent format, whose changes can be read.
"""

import sys
from pathlib import Path

import jupytext
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

SOURCES = sorted(Path(__file__).with_name("notebooks").glob("*.py"))

INSTALL = """\
*Where `import zoo` fails, as in Colab: upload a wheel of zoo, which
`pip wheel --no-deps .` makes in a checkout, and run `%pip install transient_zoo-*.whl`
in a cell of its own.*"""

# Without it, Jupyter asks which kernel to start.
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def notebook(script: str) -> NotebookNode:
    """A notebook without outputs, from the text of a script in the percent format."""
    made = jupytext.reads(script, fmt="py:percent")
    made.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    made.cells.insert(1, new_markdown_cell(INSTALL, id="install"))
    return made


def write(folder: Path) -> None:
    """Write every notebook to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in SOURCES:
        text = jupytext.writes(notebook(path.read_text()), fmt="ipynb")
        (folder / f"{path.stem}.ipynb").write_text(text)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
