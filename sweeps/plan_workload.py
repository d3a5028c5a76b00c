"""What a plan knows of a workload before it is loaded."""

from dataclasses import dataclass

from trainers.config import WorkloadConfig
from trainers.data import DataShape
from trainers.layout import ParameterLayout
from trainers.losses import loss_factor


@dataclass(frozen=True)
class WorkloadFacts:
    """Size and arithmetic of one workload's model."""

    label: str
    model_kind: str
    num_parameters: int
    num_examples: int
    multiplies_per_example: int
    """Of one forward pass, biases and activations left out."""
    layers: tuple[str, ...]


def workload_facts(workload: WorkloadConfig) -> WorkloadFacts:
    """Counted from the declared parameters; raises `ConfigError` when data and model cannot be joined."""
    shape = workload.data.shape()
    layout = workload.model.build(shape).layout
    loss_factor(workload.loss, shape.task)
    return WorkloadFacts(
        label=f"{workload.model.kind} on {workload.data.kind}",
        model_kind=workload.model.kind,
        num_parameters=layout.size,
        num_examples=shape.num_examples,
        multiplies_per_example=_multiplies(layout, shape),
        layers=layout.layers,
    )


def _multiplies(layout: ParameterLayout, shape: DataShape) -> int:
    is_sequence = any(spec.role in ("recurrent", "embedding") for spec in layout.specs)
    num_tokens = shape.input_shape[0] if is_sequence and shape.input_shape else 1
    return sum(spec.size * max(spec.num_pixels, num_tokens) for spec in layout.specs if spec.role != "bias")
