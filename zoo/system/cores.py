"""How many cores this process may use."""

import os


def cores() -> int:
    """Cores that this process may use; `OMP_NUM_THREADS`, where set, is the limit."""
    if hasattr(os, "sched_getaffinity"):  # not on every system
        allowed = len(os.sched_getaffinity(0))
    else:
        allowed = os.cpu_count() or 1
    limit = os.environ.get("OMP_NUM_THREADS", "")
    return min(allowed, int(limit)) if limit.isdigit() and int(limit) else allowed
