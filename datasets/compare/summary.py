"""Quantiles of one quantity in two samples, with bootstrap intervals.

Lower limits count as such: quantiles are those of the Kaplan-Meier estimate (1958, JASA
53 457), which without limits are the ordinary ones.
"""

import numpy as np

REPLICATES = 1000
INTERVAL = (2.5, 97.5)
QUANTILES = (0.16, 0.50, 0.84)

TOO_FEW = 5
"""Fewer values than this have no quantiles."""


def compare_values(
    a: np.ndarray,
    b: np.ndarray,
    *,
    limit_a: np.ndarray | None = None,
    limit_b: np.ndarray | None = None,
    seed: int = 0,
) -> dict:
    """Compare one quantity of two samples.

    Args:
        a: `(n_a,)`, NaN where not known.
        b: `(n_b,)`.
        limit_a: bool `(n_a,)`, which values are lower limits; None: none.
        limit_b: bool `(n_b,)`.
        seed: of the bootstrap.

    Returns:
        For `a` and `b` the number `n`, the number of `limits` among them, and the
        quantiles `low`, `median`, `high` (16, 50, 84 %); `difference`, of the medians,
        b less a, and its 95 % bootstrap `interval`. None where there are too few
        values, or limits hide the quantile.
    """
    generator = np.random.default_rng(seed)
    result: dict = {}
    drawn = []
    for name, values, limit in (("a", a, limit_a), ("b", b, limit_b)):
        known = np.isfinite(values)
        limit = np.zeros(len(values), bool) if limit is None else limit
        values, limit = np.asarray(values, float)[known], limit[known]
        n = len(values)
        result[name] = {"n": n, "limits": int(limit.sum())}
        point = np.full((1, 3), np.nan)
        boot = np.full((REPLICATES, 3), np.nan)
        if n >= TOO_FEW:
            point = quantiles(values, limit, np.ones((1, n)))
            weights = generator.multinomial(n, np.full(n, 1 / n), size=REPLICATES)
            boot = quantiles(values, limit, weights)
        for key, value in zip(("low", "median", "high"), point[0], strict=True):
            result[name][key] = float(value) if np.isfinite(value) else None
        drawn.append(boot[:, 1])
    middle = (result["a"]["median"], result["b"]["median"])
    differences = drawn[1] - drawn[0]
    differences = differences[np.isfinite(differences)]
    known = None not in middle and len(differences) > REPLICATES // 2
    result["difference"] = middle[1] - middle[0] if known else None
    result["interval"] = (
        [float(x) for x in np.percentile(differences, INTERVAL)] if known else None
    )
    return result


def quantiles(values: np.ndarray, limit: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Kaplan-Meier quantiles `(r, 3)` at `QUANTILES`.

    Args:
        values: `(n,)`.
        limit: bool `(n,)`, which values are lower limits.
        weights: `(r, n)`, how often each counts.

    Returns:
        NaN where limits hide a quantile.
    """
    # A limit at the same value as a measurement is above it.
    order = np.lexsort((limit, values))
    values, limit = values[order], limit[order]
    weights = weights[:, order].astype(float)
    at_risk = np.cumsum(weights[:, ::-1], axis=1)[:, ::-1]
    hazard = np.divide(
        weights * ~limit, at_risk, out=np.zeros_like(weights), where=at_risk > 0
    )
    below = 1 - np.cumprod(1 - hazard, axis=1)
    result = np.full((len(weights), len(QUANTILES)), np.nan)
    for column, q in enumerate(QUANTILES):
        reached = below >= q - 1e-9
        first = reached.argmax(1)
        # The mean of the two middle values where the estimate is exactly q.
        after = np.minimum((below > q + 1e-9).argmax(1), len(values) - 1)
        value = (values[first] + values[np.maximum(after, first)]) / 2
        result[:, column] = np.where(reached.any(1), value, np.nan)
    return result
