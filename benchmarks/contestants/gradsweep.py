"""gradsweep with everything included: a spec POSTed over HTTP to a running stack."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.cases import Case, Setting
from benchmarks.completeness import num_finished
from benchmarks.contestants.base import Train
from service.client import Client
from service.stack.plans import StackOptions
from service.stack.stack import Stack

LOOK_SECONDS = 0.2


@contextmanager
def contestant(folder: Path) -> Iterator[Train]:
    """The stack: API, runner with Ray, MLflow server, mirror."""
    options = StackOptions(folder, port=0, mlflow_port=0)
    with Stack(options, print) as stack:
        stack.wait_until_ready()
        with Client(stack.api_url) as client:

            def train(case: Case, settings: Sequence[Setting]) -> None:
                before = num_finished(folder)
                sweep = client.submit(json.dumps(case.spec(len(settings))), media_type="application/json")
                while client.sweep(sweep["id"])["status"] in ("queued", "running"):
                    time.sleep(LOOK_SECONDS)
                while num_finished(folder) < before + len(settings):
                    time.sleep(LOOK_SECONDS / 4)

            yield train
