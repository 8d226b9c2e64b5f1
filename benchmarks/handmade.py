"""A peer without a base: boosted trees on hand-made features, from labels alone.

The features are those that searches for tidal disruption events are built on: peak
magnitudes, apparent and absolute, how fast an object rises and declines, colours at the
peak and afterwards, numbers of detections, and how much varies far from the peak. They
are corrected for the Milky Way's dust and for the redshift where these are known. The
trees are those of scikit-learn, averaged over three seeds.
"""

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from zoo.datasets.simulator.transients.cosmology import distance_modulus
from zoo.datasets.simulator.transients.dust import reddening
from zoo.light_curves.ragged import DETECTION_SNR, ZEROPOINT, LightCurves

SEEDS = 3
PHASES = (-300, -60, -15, 15, 45, 90, 180, 400)
"""Rest-frame days from the peak, between which fluxes are averaged."""


def features(light_curves: LightCurves) -> np.ndarray:
    """Features of each object, float64 `(n, features)`; NaN where one is not known."""
    curves = light_curves
    dust = curves.metadata["mwebv"].fillna(0).to_numpy(float)
    redshift = curves.metadata["redshift"].to_numpy(float)
    dimmed = np.array([reddening(passband) for passband in curves.observed])
    number = np.unique(curves.band, return_inverse=True)[1]  # among those observed
    rows = []
    for i in range(len(curves)):
        of = slice(curves.offsets[i], curves.offsets[i + 1])
        band = number[of]
        bright = 10 ** (0.4 * dust[i] * dimmed[band])
        flux, err = curves.flux[of] * bright, curves.flux_err[of] * bright
        rows.append(_of_one(curves.mjd[of], flux, err, band, len(dimmed), redshift[i]))
    return np.array(rows)


def _of_one(
    mjd: np.ndarray,
    flux: np.ndarray,
    err: np.ndarray,
    band: np.ndarray,
    bands: int,
    redshift: float,
) -> list[float]:
    """Features of one object."""
    snr = flux / err
    found = snr >= DETECTION_SNR
    good = found if found.any() else snr == snr.max()
    peak = mjd[good][flux[good].argmax()]
    stretch = 1 + redshift if np.isfinite(redshift) else 1.0
    days = (mjd - peak) / stretch
    values = [redshift, found.sum(), snr.max(), np.ptp(mjd[good]) / stretch]
    values += [(mjd[good].min() - peak) / stretch, (mjd[good].max() - peak) / stretch]
    phase = np.digitize(days, PHASES)
    means = np.full((bands, len(PHASES) + 1), np.nan)
    for b in range(bands):
        own = band == b
        for at in np.unique(phase[own]):
            rows = own & (phase == at)
            weight = err[rows] ** -2
            means[b, at] = (flux[rows] * weight).sum() / weight.sum()
        far = own & (np.abs(days) > 150)
        brightest = np.nanmax(flux[own & good], initial=np.nan)
        magnitude = ZEROPOINT - 2.5 * np.log10(max(brightest, 1e-3))
        values += [magnitude, magnitude - float(distance_modulus(redshift))]
        values += [(found & own).sum(), (found & far).sum()]
        values += [np.mean(snr[far] ** 2) if far.any() else np.nan]
        values += [np.nanmin(snr[own], initial=np.nan)]
    at_peak = int(np.digitize(0, PHASES))
    values += (means / np.maximum(means[:, [at_peak]], 1e-3)).ravel().tolist()
    with np.errstate(divide="ignore", invalid="ignore"):
        magnitudes = -2.5 * np.log10(np.where(means > 0, means, np.nan))
    values += (magnitudes[:-1] - magnitudes[1:])[:, at_peak:].ravel().tolist()
    return values


def learn_and_predict(
    train: np.ndarray, classes: np.ndarray, others: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities `(n, classes)` of those trained on, by five trainings that left
    them out, and of others, by one that did not."""
    within, outside = [], []
    known = np.isfinite(train).sum(0) > len(train) / 20
    train, others = train[:, known], others[:, known]
    for seed in range(SEEDS):
        trees = HistGradientBoostingClassifier(
            max_iter=150,
            learning_rate=0.06,
            max_leaf_nodes=12,
            min_samples_leaf=8,
            l2_regularization=1.0,
            max_features=0.3,
            class_weight="balanced",
            random_state=seed,
        )
        folds = StratifiedKFold(5, shuffle=True, random_state=seed)
        within.append(
            cross_val_predict(trees, train, classes, cv=folds, method="predict_proba")
        )
        outside.append(trees.fit(train, classes).predict_proba(others))
    return np.mean(within, axis=0), np.mean(outside, axis=0)
