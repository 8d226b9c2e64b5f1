"""The explore page: a model and a data set to look at, in one HTML file.

`zoo.explore.content` prepares what it shows, with the functions behind the figures of
the cards. `zoo.explore.page` puts that, the page's own style and scripts (`page.html`,
`page.css`, `figures.js`, `panels.js`, `page.js`) and plotly's script into one file.
"""

from zoo.explore.page import write_page

__all__ = ["write_page"]
