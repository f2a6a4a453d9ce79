"""A real Dask scheduler with workers, as processes of this machine that can be killed."""

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager


class DaskCluster:
    def __init__(self, folder, environment=()):
        self.folder, self.processes = folder, []
        paths = [os.path.dirname(__file__), *filter(None, sys.path)]
        self._environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **dict(environment)}
        self.file = folder / "scheduler.json"
        self.scheduler = self._start("dask_scheduler", "--host", "127.0.0.1", "--port", "0")
        deadline = time.monotonic() + 120
        while not self._address():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        self.address = self._address()

    def _address(self):
        try:
            return json.loads(self.file.read_text())["address"]
        except (OSError, ValueError):
            return None

    def _start(self, program, *arguments):
        command = [
            sys.executable,
            "-m",
            f"distributed.cli.{program}",
            "--scheduler-file",
            self.file,
            "--no-dashboard",
            *arguments,
        ]
        with (self.folder / f"{program}.log").open("a") as log:
            process = subprocess.Popen(command, env=self._environment, stderr=log, stdout=log, start_new_session=True)
        self.processes.append(process)
        return process

    def worker(self, threads=1):
        """One more worker, with no nanny: killed, it stays dead."""
        return self._start("dask_worker", "--nthreads", str(threads), "--no-nanny", "--local-directory", self.folder)

    def close(self):
        for process in reversed(self.processes):
            process.kill()
            process.wait()


@contextmanager
def dask_cluster(folder, workers=2, **options):
    cluster = DaskCluster(folder, **options)
    try:
        for _ in range(workers):
            cluster.worker()
        yield cluster
    finally:
        cluster.close()
