"""Make `snia_template.npz` from the Hsiao SN Ia spectral template.

The table is derived from the subsampled Hsiao et al. 2007 (ApJ 663 1187) spectral
series that sncosmo ships (BSD-3-Clause, Copyright (c) 2013-2019, Kyle Barbary and
sncosmo contributors). A development tool: it needs sncosmo, the simulator does not.

    python benchmarks/make_snia_template.py

The spectra are smoothed over 0.03 in ln(wavelength), an eighth of a typical passband,
because `snia` samples each passband at eight wavelengths. The file holds `phase`
`(p,)` in rest-frame days since B maximum, `log_wavelength` `(w,)`, natural logarithm of
um, evenly spaced, and `flux` float16 `(p, w)`, flux per frequency relative to the AB
flux through Bessell B at maximum.
"""

from pathlib import Path

import numpy as np

_LIGHT = 2.99792458e18  # Angstrom/s
_AB = 3.631e-20  # erg/s/cm2/Hz: the AB magnitude 0 (Oke & Gunn 1983, ApJ 266 713)
_SMOOTHING = 0.03


def make(path: Path) -> None:
    """Write the table to `path`."""
    import sncosmo

    source = sncosmo.get_source("hsiao-subsampled")
    phase = np.arange(-19.0, 85.1, 2.0)
    # 240 steps to 1.15 um, and on to 2.06: samples of H at redshift 0.
    step = np.log(1.15 / 0.14) / 239
    log_wavelength = np.log(0.14) + step * np.arange(306)
    offsets = _SMOOTHING * (np.arange(8) - 3.5) / 8
    flux = np.zeros((len(phase), len(log_wavelength)))
    for offset in offsets:
        wavelength = 1e4 * np.exp(log_wavelength + offset)
        flux += source.flux(phase, wavelength) * wavelength**2 / _LIGHT / len(offsets)
    blue = sncosmo.get_bandpass("bessellb")
    at_maximum = source.flux(np.array([0.0]), blue.wave)[0]
    photons = np.trapezoid(at_maximum * blue.trans * blue.wave, blue.wave)
    reference = np.trapezoid(_AB * _LIGHT / blue.wave * blue.trans, blue.wave)
    np.savez_compressed(
        path,
        phase=phase.astype(np.float32),
        log_wavelength=log_wavelength.astype(np.float32),
        flux=(flux / (_AB * photons / reference)).astype(np.float16),
    )


if __name__ == "__main__":
    simulator = Path(__file__).parents[1] / "datasets" / "simulator"
    make(simulator / "transients" / "snia_template.npz")
