"""Specs that the tests of specs, plans and presets share."""

from typing import Any

CLIP_VS_LR = """
name: clip-vs-lr
workload:
  data: {kind: mnist}
  model: {kind: mlp, hidden: [128, 64], activation: relu}
base:
  steps: 300
  batch_size: 64
  optimizer: {kind: sgd, lr: 0.1}
  clip: {kind: none}
  init: {kind: kaiming_normal}
axes:
  optimizer.lr: {log_grid: [0.001, 100, 16]}
  clip: {values: [{kind: none}, {kind: global_norm, max_norm: 1.0}]}
  init: {values: [{kind: kaiming_normal}, {kind: normal, std: 1.0}]}
seeds: 3
search: {kind: grid}
stopping: {kind: none}
objective: {metric: eval_loss, mode: min}
resources: {workers: auto, cpus_per_worker: 1, gpus_per_worker: 0, pack: auto}
"""


def digits(**changes: Any) -> dict[str, Any]:
    """A small valid spec as a mapping, with top-level parts replaced."""
    spec: dict[str, Any] = {
        "name": "digits",
        "workload": {"data": {"kind": "digits"}, "model": {"kind": "mlp", "hidden": [16]}},
        "base": {"steps": 50, "optimizer": {"kind": "sgd", "lr": 0.1}},
    }
    return {**spec, **changes}
