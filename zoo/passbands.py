"""Passbands: name, survey and effective wavelength, written once.

The effective wavelength is the transmission-weighted mean, the integral of T(l) l dl
over the integral of T(l) dl, computed with the trapezoidal rule from the published
curves named in `ZTF_CURVES` and `LSST_CURVES`; `tests/test_passbands.py` repeats
this.
"""

from typing import NamedTuple

ZTF_CURVES = (
    "ZwickyTransientFacility/ztf_information @7c1d1ed1adee, filter glass only, "
    "without detector and atmosphere (retrieved 2026-11)"
)
LSST_CURVES = (
    "lsst/throughputs @0bcec2a6bec6, baseline v1.9, total throughput at airmass 1.2 "
    "(retrieved 2026-11)"
)


class Passband(NamedTuple):
    """One passband of one survey.

    Attributes:
        name: sncosmo spelling, as in the `band` column of a light-curve table.
        wavelength: effective wavelength, um.
        survey: the survey that observes with it.
        source: where the transmission curve comes from.
    """

    name: str
    wavelength: float
    survey: str
    source: str


_TABLE = (
    Passband("ztfg", 0.4805, "ztf", ZTF_CURVES),
    Passband("ztfr", 0.6437, "ztf", ZTF_CURVES),
    Passband("ztfi", 0.7968, "ztf", ZTF_CURVES),
    Passband("lsstu", 0.3724, "lsst", LSST_CURVES),
    Passband("lsstg", 0.4807, "lsst", LSST_CURVES),
    Passband("lsstr", 0.6221, "lsst", LSST_CURVES),
    Passband("lssti", 0.7559, "lsst", LSST_CURVES),
    Passband("lsstz", 0.8680, "lsst", LSST_CURVES),
    Passband("lssty", 0.9753, "lsst", LSST_CURVES),
)

PASSBANDS: dict[str, Passband] = {passband.name: passband for passband in _TABLE}
"""Every passband a light-curve table may hold, by name; the order is the code of the
integer `band` arrays and never changes (new passbands are appended)."""

BANDS: tuple[str, ...] = tuple(PASSBANDS)
"""Names of the passbands; `BANDS[code]` is the name of an integer `band`."""
