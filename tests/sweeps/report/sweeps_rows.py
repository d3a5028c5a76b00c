"""A sweep as the ledger gives it, and curves like those of real trials."""

import numpy as np

from sweeps.ledger.base import Sweep, TrialRow
from sweeps.spec import SweepSpec
from trainers.record import Curves, OutcomeName

LAYERS = ("hidden.0", "hidden.1", "output")


def sweep_of(spec: SweepSpec, rows: list[TrialRow]) -> Sweep:
    """A completed sweep."""
    return Sweep(
        id="01TEST", name=spec.name, status="completed", spec=spec.canonical(), tags={}, num_trials=len(rows),
        max_trials=len(rows), num_ended=len(rows), outcomes={}, created_at=0.0, started_at=1.0, ended_at=2.0,
        cancel_requested=False, pause_requested=False, runner_id=None, lease_expires_at=None, error=None,
        mlflow_run_id=None, mlflow_experiment_id=None, num_mirrored=0, revision=1, mirrored_revision=0,
    )  # fmt: skip


def curves_for(lr: float, edge: float, outcome: OutcomeName) -> Curves:
    """Losses that fall or blow up, gradient norms with a spike in each window, and layers that grow."""
    num_windows = 8 if outcome == "exploded" else 32
    steps = np.arange(1, num_windows + 1) * 10 - 1
    growth = 3.0 if outcome in ("exploded", "diverged") else 0.95
    norms = (growth ** np.arange(num_windows)).astype(np.float32)
    layers = np.stack([norms, 2 * norms, 4 * norms], axis=1)
    if outcome == "exploded":
        norms[-1] = np.nan
        layers[-1, 1:] = np.inf
    scalars = {
        "train_loss": 2.3 * norms, "grad_norm": norms, "grad_norm_after": np.minimum(norms, 1.0),
        "grad_norm_max": 1.5 * norms, "clip_fraction": (norms > 1).astype(np.float32),
    }  # fmt: skip
    return Curves(steps, scalars, LAYERS, {"grad_norm": layers})
