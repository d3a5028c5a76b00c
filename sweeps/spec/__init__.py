"""The spec of a sweep: what a user writes, checked whole before anything runs."""

from sweeps.spec.model import Metric, Objective, Resources, SweepSpec
from sweeps.spec.parse import parse_spec
from sweeps.spec.problems import SpecError, SpecProblem
from sweeps.spec.schema import json_schema
from sweeps.spec.stopping import NoStopping, StoppingConfig

__all__ = [
    "Metric",
    "NoStopping",
    "Objective",
    "Resources",
    "SpecError",
    "SpecProblem",
    "StoppingConfig",
    "SweepSpec",
    "json_schema",
    "parse_spec",
]
