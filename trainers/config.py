"""The trial config: everything that decides one training run."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, PositiveInt

from trainers.clipping import ClipConfig, NoClip
from trainers.data import DataConfig
from trainers.gradients import GradientConfig
from trainers.initializers import InitializerConfig, KaimingNormal
from trainers.kinds import Frozen
from trainers.losses import LossName
from trainers.measure import Measure
from trainers.models import ModelConfig
from trainers.optimizers import OptimizerConfig
from trainers.regularisers import RegulariserConfig
from trainers.schedules import Constant, ScheduleConfig

Dtype = Literal["float32", "float64", "bfloat16", "float16"]
LayerRates = Annotated[
    dict[str, Annotated[float, Field(ge=0, le=1e12)]],
    AfterValidator(lambda rates: dict(sorted(rates.items()))),
]
"""Sorted, so that the order in which they were written makes no other trial."""


class WorkloadConfig(Frozen):
    """What is trained: data, a model, and a loss that follows from the data's task."""

    data: DataConfig
    model: ModelConfig
    loss: LossName = Field(
        "task", description="the loss of the data's task, or for regression ½ of the mean squared error"
    )


class TrialConfig(Frozen):
    """Everything that decides one training run. Without `seed` it is a configuration."""

    workload: WorkloadConfig
    optimizer: OptimizerConfig
    layer_lr: LayerRates = Field(
        {}, description="learning rates of single layers in place of optimizer.lr, by name or pattern"
    )
    steps: int = Field(300, ge=1, le=10_000_000, description="updates to make")
    batch_size: PositiveInt | Literal["full"] = Field(
        64, description="examples per update; 'full' is full-batch training"
    )
    clip: ClipConfig = NoClip()
    gradient: tuple[GradientConfig, ...] = Field((), description="transforms before clipping, in order")
    init: InitializerConfig = KaimingNormal()
    schedule: ScheduleConfig = Constant()
    regularisers: tuple[RegulariserConfig, ...] = ()
    accumulate: int = Field(1, ge=1, le=4096, description="micro-batches summed before clipping once")
    dtype: Dtype = "float32"
    report_every: int | None = Field(
        None, ge=1, description="steps per curve point; None gives 32 points over the run"
    )
    eval_every: int | None = Field(
        None, ge=1, description="steps between evaluations; None evaluates four times and at the end"
    )
    measure: Measure = Field(Measure(), description="statistics that cost passes of their own, on a schedule")
    seed: int = Field(0, ge=0, lt=2**63)
