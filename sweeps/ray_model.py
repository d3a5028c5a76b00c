"""One trial trained by itself in a worker of the Ray cluster."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import ray

from trainers.late import torch
from trainers.trial import PackTrial

if TYPE_CHECKING:
    from trainers.once import Trained

SECONDS_BETWEEN_LOOKS = 0.5


def train_on_ray(trial: PackTrial, stop: threading.Event) -> Trained | None:
    """Train on one processor of the cluster; None, and the training ended, once `stop` is set."""
    task: Any = ray.remote(num_cpus=1, max_retries=0)(_train).remote(trial)
    while not stop.is_set():
        ready, _ = ray.wait([task], timeout=SECONDS_BETWEEN_LOOKS)
        if ready:
            trained: Trained = ray.get(task)
            return trained
    ray.cancel(task, force=True)
    return None


def _train(trial: PackTrial) -> Trained:
    from trainers.once import train_once  # here, since the runner imports this module and never trains

    torch.set_num_threads(1)
    return train_once(trial)
