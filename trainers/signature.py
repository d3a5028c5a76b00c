"""Which trials can share a stack."""

import json
from typing import Any

from trainers.config import TrialConfig
from trainers.kinds import Kind


def static_signature(config: TrialConfig) -> str:
    """What must agree inside a stack, as canonical JSON: trials with equal signatures may share one.

    Learning rate, clip, init, schedule, seed and every real-valued parameter may differ between members.
    Shapes, step and batch counts, dtype, the optimizer's kind, the kinds of transforms and regularisers in
    their order, and their flags and counts may not.
    """
    parts: dict[str, Any] = {
        "workload": config.workload.model_dump(mode="json"),
        "optimizer": _static(config.optimizer),
        "gradient": [_static(kind) for kind in config.gradient],
        "regularisers": [_static(kind) for kind in config.regularisers],
        "steps": config.steps,
        "batch_size": config.batch_size,
        "accumulate": config.accumulate,
        "dtype": config.dtype,
        "report_every": config.report_every,
        "eval_every": config.eval_every,
        "measure": config.measure.model_dump(mode="json"),
        "alone": solo_reason(config),
    }
    return json.dumps(parts, sort_keys=True, separators=(",", ":"))


def solo_reason(config: TrialConfig) -> str:
    """Why this trial runs one after another instead of stacked; empty when it stacks."""
    kinds: list[Kind] = [
        config.workload.model, config.optimizer, config.clip, config.init, config.schedule,
        *config.gradient, *config.regularisers,
    ]  # fmt: skip
    return next((kind.solo_reason for kind in kinds if kind.solo_reason), "")


def _static(kind: Kind) -> dict[str, Any]:
    return {name: value for name, value in kind.model_dump(mode="json").items() if type(value) is not float}
