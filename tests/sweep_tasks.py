"""A task for the tests of schedulers and sweeps: workers, which are processes of their own, import it by name."""

import os
import signal
import time

import numpy as np
import threadpoolctl


def square(c):
    """The square of `i`, and how many threads a BLAS call took; it can be told to sleep, to fail or to kill its process."""
    if c.get("log"):
        with open(c["log"], "a") as f:
            f.write(f"{c['i']}\n")
    time.sleep(c.get("sleep", 0))
    if c.get("raise"):
        raise ValueError("planted\nfailure")
    if c.get("kill"):
        os.kill(os.getpid(), signal.SIGKILL)
    return {"value": float("nan") if c.get("nan") else c["i"] ** 2, "threads": threads()}


def threads():
    np.ones((2, 2)) @ np.ones((2, 2))
    return max(library["num_threads"] for library in threadpoolctl.threadpool_info())
