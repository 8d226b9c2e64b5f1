"""The explore page: a model and a data set to look at, in one HTML file.

`zoo.explore.content` computes its content. `zoo.explore.page` writes the file: the
content, style and scripts of the page (`page.html`, `page.css`, `figures.js`,
`panels.js`, `page.js`) and plotly's script.
"""

from zoo.explore.page import write_page

__all__ = ["write_page"]
