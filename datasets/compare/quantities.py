"""The quantities that are measured of every light curve.

Both data sets are measured by the same code, from the noisy light curve, in observed
days and magnitudes (AB). Peaks, widths, declines and colours come from the smooth curve
of `zoo.datasets.compare.curves` in the passbands that stand for g and r
(`zoo.datasets.compare.passbands`); what it does not constrain is NaN.
"""

from typing import NamedTuple


class Quantity(NamedTuple):
    """One number per object.

    Attributes:
        name: column of the table of `zoo.datasets.compare.measure`.
        unit: empty for a pure number.
        meaning: one line.
    """

    name: str
    unit: str
    meaning: str

    @property
    def title(self) -> str:
        """The name with the unit."""
        return f"{self.name} [{self.unit}]" if self.unit else self.name


QUANTITIES = (
    Quantity("points", "", "observations of the light curve, all passbands"),
    Quantity("points_g", "", "observations in g"),
    Quantity("points_r", "", "observations in r"),
    Quantity("snr_median", "", "median of flux / flux_err"),
    Quantity("snr_peak", "", "largest flux / flux_err"),
    Quantity("peak_mag", "mag", "apparent magnitude at peak in r, as observed"),
    Quantity(
        "peak_abs_mag",
        "mag",
        "absolute magnitude at peak in g or r, where it is brighter: m - mu - A(MW) + "
        "2.5 log10(1 + z)",
    ),
    Quantity("redshift", "", "as in the data set"),
    Quantity("days_to_peak", "d", "trigger to peak in r"),
    Quantity("rise", "d", "half of the peak flux to peak, in the brighter of g and r"),
    Quantity("decline", "d", "peak to half of its flux, in the brighter of g and r"),
    Quantity("fade_10", "mag", "decline in r from peak to 10 d after"),
    Quantity("fade_20", "mag", "decline in r from peak to 20 d after"),
    Quantity("fade_40", "mag", "decline in r from peak to 40 d after"),
    Quantity("colour_0", "mag", "g - r at peak in r, corrected for Milky Way dust"),
    Quantity("colour_20", "mag", "g - r 20 d after peak in r, also corrected"),
    Quantity("colour_40", "mag", "g - r 40 d after peak in r, also corrected"),
)
"""Every quantity, in the order of the report. A `rise` or a `decline` whose end was not
observed is a lower limit, flagged in the columns `rise_limit` and `decline_limit`."""

SHAPE = ("fade_10", "fade_20", "fade_40", "colour_0", "colour_20", "colour_40")
"""The quantities that the two-sample test uses."""

EXPORTED = ("peak_abs_mag", "redshift", "rise", "decline")
"""The quantities in an export of the Bright Transient Survey explorer."""
