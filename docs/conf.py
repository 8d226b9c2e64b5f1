"""How Sphinx builds the site: `sphinx-build -W docs build/site`.

Some pages are generated while Sphinx reads them: the notebooks, from Python files in
jupytext's percent format; the reference of the command line, from the help of the
commands; the first light curve and the results, from the README.
"""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import jupytext

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "docs")]

import ipynb  # noqa: E402

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

project = "transient-zoo"
author = "The transient-zoo authors"
copyright = "the transient-zoo authors, Apache-2.0"  # noqa: A001
release = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown", ".py": "markdown"}
exclude_patterns = ["conf.py", "ipynb.py", "figures"]
myst_heading_anchors = 3

default_role = "code"  # `zoo.load` in a docstring
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings give types and units
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False

html_theme = "furo"
html_title = project
html_copy_source = False
html_show_sourcelink = False
pygments_style = "friendly"

html_static_path = ["_static"]
html_css_files = ["site.css"]

CLI = "<!-- zoo-cli --help -->"
README = re.compile("<!-- README: (.+?) -->")


def notebook_page(text: str, name: str) -> str:
    """Turn a notebook in the percent format into a page of Markdown."""
    cells = jupytext.reads(text, fmt="py:percent").cells
    page = [
        cell.source
        if cell.cell_type == "markdown"
        else f"```python\n{cell.source}\n```"
        for cell in cells
    ]
    page.append(
        f'<p><a href="{name}.ipynb" download>This notebook as .ipynb</a>, for Jupyter '
        "and for Colab (File, Upload notebook).</p>"
    )
    return "\n\n".join(page) + "\n"


def command_line() -> str:
    """The help of every command, as typer writes it."""
    page = subprocess.run(
        [sys.executable, "-m", "typer", "zoo.cli.main", "utils", "docs"]
        + ["--name", "zoo-cli", "--title", "Command line"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return re.sub(
        r"^Example: (.+?)\n\n",
        lambda example: f"```bash\n{' '.join(example[1].split())}\n```\n\n",
        page,
        flags=re.MULTILINE | re.DOTALL,
    )


def section_of_readme(title: str) -> str:
    """A section of the README without its title, with paths of figures for the site."""
    text = (ROOT / "README.md").read_text()
    section = text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    section = section.replace("](docs/", "](")
    image = r'<img src="docs/(\S+)".*? alt="(.*?)">'
    return re.sub(image, r"\n![\2](\1)\n", section)


def _read(app, docname: str, source: list[str]) -> None:
    if docname.startswith("notebooks/"):
        source[0] = notebook_page(source[0], docname.rpartition("/")[2])
    elif CLI in source[0]:
        source[0] = source[0].replace(CLI, command_line())
    else:
        source[0] = README.sub(lambda mark: section_of_readme(mark[1]), source[0])


def _write_notebooks(app, exception) -> None:
    if exception is None and app.builder.format == "html":
        ipynb.write(Path(app.outdir, "notebooks"))


def setup(app) -> None:
    """Register what generates pages and notebooks."""
    app.connect("source-read", _read)
    app.connect("build-finished", _write_notebooks)
