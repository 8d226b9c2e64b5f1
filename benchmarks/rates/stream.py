"""Push alerts to a `zoo.Stream`, night by night, in a separate process.

python -m rates.stream MODEL OBJECTS NIGHTS
"""

import json
import sys
import time

import numpy as np
import pandas as pd

import zoo
from rates.timing import memory

APART = 1.0  # days between nights


def night(names: np.ndarray, number: int, random: np.random.Generator) -> pd.DataFrame:
    """One alert of each object."""
    size = len(names)
    return pd.DataFrame(
        {
            "object_id": names,
            "mjd": 60000 + number * APART + random.uniform(0, 0.4, size),
            "band": np.where(random.random(size) < 0.5, "ztfg", "ztfr"),
            "flux": random.normal(2000, 300, size).astype(np.float32),
            "flux_err": np.full(size, 20, np.float32),
        }
    )


def main(model: str, objects: int, nights: int) -> None:
    """Push all nights; print rates and memory as JSON."""
    random = np.random.default_rng(0)
    names = np.array([f"ZTF26{i:08d}" for i in range(objects)])
    stream = zoo.Stream(model)
    seconds, held = [], []
    for number in range(nights):
        table = night(names, number, random)
        start = time.process_time()
        result = stream.push(table)
        seconds.append(time.process_time() - start)
        held.append(memory())
    if not np.isfinite(result.iloc[:, :-1]).all(axis=None):
        raise ValueError("an object was not classified")
    steady = np.array(seconds[3:])  # earlier triggers are not confirmed yet
    rates = objects / steady
    report = {
        "alerts": objects * nights,
        "median": float(np.median(rates)),
        "low": float(rates.min()),
        "high": float(rates.max()),
        "memory_after_a_tenth": held[max(3, nights // 10)],
        "memory_at_the_end": held[-1],
    }
    sys.stdout.write(json.dumps(report))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
