"""The model card, `README.md` of a model folder.

A person writes the intended use and the limits (`zoo.card.prose`); the rest is written
from the preset and `metrics.json`: the header for the hub, inputs, origin, results,
figures, and code that loads the model. `zoo.card.write` puts them together, and
`zoo.card.edited` keeps what a person changed in the result.
"""

from zoo.card.prose import check_card, prose_of
from zoo.card.write import write_card

__all__ = ["check_card", "prose_of", "write_card"]
