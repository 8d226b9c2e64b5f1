"""An explanation of a prediction: tables, a text and a figure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from zoo.explanation.hidden import EVERYTHING, METADATA, PASSBAND, TIME
from zoo.explanation.occlusion import NOTABLE
from zoo.light_curves.ragged import LightCurves
from zoo.system.plain import plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_STRONGEST = 5  # points that a summary lists
_LETTERS = 40  # of a name in a text


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """What carried the prediction of one object, as `zoo.explain` found it.

    In the tables, `points` is the number of points that were hidden together, `change`
    the change of the probability of the predicted class (below 0: this part supports
    the prediction), `label_change`, where a label was given, that of its class, and
    `predicted` the class that is then the most probable.

    Attributes:
        light_curve: the object.
        model: `id@revision`.
        predicted, probability: the most probable class, nothing hidden.
        label, label_probability: the class that was asked for; None without one.
        points: DataFrame, a row for every point that the model sees: `mjd`,
            `days_since_trigger`, `band`, `flux`, `flux_err` and the changes. `points`
            is 1; for the trigger 0, without a change; of more than 400 points
            (`zoo.explanation.occlusion.MOST`), consecutive ones are hidden together.
        parts: DataFrame, a row for every other part: `kind`, `part`, its name, `value`
            of a scalar, and the changes; `passbands`, `times` and `metadata` are its
            rows of a kind.
        carriers: names and changes of the parts that carry the prediction most, three
            at most: without one of these, the probability is lower by 0.05 or more.
        path: DataFrame, as `zoo.inference.history.history` returns it; at 400 times at
            most, evenly spread.
    """

    light_curve: LightCurves
    model: str
    predicted: str
    probability: float
    label: str | None
    label_probability: float | None
    points: pd.DataFrame
    parts: pd.DataFrame
    carriers: tuple[tuple[str, float], ...]
    path: pd.DataFrame

    def __repr__(self) -> str:
        return f"<Explanation: {self._headline()}; {self.carried_by()}>"

    @property
    def passbands(self) -> pd.DataFrame:
        """Passbands by wavelength; one with the trigger alone is not among them."""
        return self._of("passband", PASSBAND).drop(columns="value")

    @property
    def times(self) -> pd.DataFrame:
        """Spans of days since trigger, in order; only those with points."""
        return self._of("span", TIME).drop(columns="value")

    @property
    def metadata(self) -> pd.DataFrame:
        """What is known of the object and used by the model, and at last, where that
        is more than one thing, all of it together."""
        return self._of("metadata", METADATA, EVERYTHING).drop(columns="points")

    def _of(self, heading: str, *kinds: str) -> pd.DataFrame:
        rows = self.parts[self.parts["kind"].isin(kinds)].drop(columns="kind")
        return rows.rename(columns={"part": heading}).reset_index(drop=True)

    def carried_by(self) -> str:
        """The parts that carry the prediction most, in words."""
        return in_words(self.carriers)

    def summary(self) -> str:
        """Every part, and the five points of the most influence, as lines of text that
        are harmless in a terminal.

        Example:
            >>> import zoo
            >>> from zoo.light_curves.analytic import golden_light_curves
            >>> found = zoo.explain("ztfsims-gru", golden_light_curves(), "golden-0")
            >>> print(found.summary().splitlines()[2])
            The model sees 80 of 80 points; the trigger is never hidden.
        """
        seen, every = len(self.points), len(self.light_curve.mjd)
        follows = [] if self.label is None else [f"change of {plain(self.label)}"]
        headings = ["hidden", "points", f"change of {plain(self.predicted)}", *follows]
        lines = [
            f"{self._headline()}, by {plain(self.model)}",
            self.carried_by(),
            f"The model sees {seen} of {every} points; the trigger is never hidden.",
            "",
            *_aligned([[*headings, "then predicted"], *self._rows()]),
        ]
        return "\n".join(lines)

    def figure(self) -> "Figure":
        """Draw the light curve, with larger markers where a point has more influence,
        the path of the probabilities, and the influence of the other parts.

        Returns:
            A figure of matplotlib, for a notebook or its method `savefig`.
        """
        from zoo.figures.explanation import explanation_figure

        name = plain(self.light_curve.object_id[0], _LETTERS)
        return explanation_figure(
            self.light_curve,
            self.points,
            self.path,
            list(zip(self.parts["part"], self.parts["change"], strict=True)),
            title=f"{name}, {self.model}: {self.predicted} {self.probability:.2f}",
            predicted=self.predicted,
        )

    def _headline(self) -> str:
        name = plain(self.light_curve.object_id[0], _LETTERS)
        text = f"{name}: {plain(self.predicted)} {self.probability:.2f}"
        if self.label is not None:
            text += f", {plain(self.label)} {self.label_probability:.2f}"
        return text

    def _rows(self) -> Iterator[list[str]]:
        """The cells of a summary."""
        changes = ["change", *(["label_change"] if self.label is not None else [])]
        strongest = self.points.dropna(subset="change")
        order = strongest["change"].abs().sort_values(ascending=False, kind="stable")
        strongest = strongest.loc[order.index[:_STRONGEST]]
        points = zip(strongest["band"], strongest["days_since_trigger"], strict=True)
        named = [f"{band} on day {day:.1f}" for band, day in points]
        for table, names in ((self.parts, self.parts["part"]), (strongest, named)):
            for name, (_, row) in zip(names, table.iterrows(), strict=True):
                value = row.get("value", float("nan"))
                known = "" if value != value else f" {value:.4g}"
                yield [
                    plain(name, _LETTERS) + known,
                    str(row["points"] or ""),
                    *(f"{row[column]:+.3f}" for column in changes),
                    plain(row["predicted"]),
                ]


def in_words(carriers: Sequence[tuple[str, float]]) -> str:
    """The parts that carry a prediction, in a few words.

    Example:
        >>> in_words([("redshift", -0.31), ("ztfg", -0.1)])
        'carried by redshift (-0.31), ztfg (-0.10)'
    """
    if not carriers:
        return (
            "carried by no single part: hiding one lowers the probability by less than "
            f"{NOTABLE}"
        )
    named = (f"{plain(name, _LETTERS)} ({change:+.2f})" for name, change in carriers)
    return f"carried by {', '.join(named)}"


def _aligned(rows: list[list[str]]) -> list[str]:
    """Rows of cells as lines, the numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    last = len(widths) - 1
    return [
        "  ".join(
            cell.ljust(width) if number in (0, last) else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
