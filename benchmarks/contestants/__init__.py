"""Ways to train the same trials: each file is what a user might write, with every setting that helps it."""

from importlib import import_module

from benchmarks.contestants.base import Contestant

CONTESTANTS = {
    "ray_tune_documented": "Ray Tune as its documentation shows: function trainable, MLflowLoggerCallback",
    "ray_tune_tuned": "Ray Tune at its best: reused actors, preloaded workers, buffered results, log_batch",
    "optuna_processes": "Optuna, ask and tell, in memory; warm worker processes, log_batch",
    "bare_loop": "a plain torch loop in two warm processes; no curves, no logging, no service",
    "gradsweep": "gradsweep over HTTP: ledger, curves, outcomes and MLflow included",
}
"""By the name of their file, in the order in which they take turns."""


def load(name: str) -> Contestant:
    """The contestant of that name; its libraries are imported only now."""
    contestant: Contestant = import_module(f"benchmarks.contestants.{name}").contestant
    return contestant
