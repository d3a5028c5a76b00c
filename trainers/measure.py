"""What is measured on a schedule: statistics that cost passes of their own."""

from typing import Literal

from pydantic import Field, PositiveInt

from trainers.kinds import Frozen
from trainers.statistics.sharpness import NUM_ITERATIONS, TOLERANCE

Quantity = Literal["activations", "gradient_noise", "sharpness", "preconditioned_sharpness"]
QUANTITIES: tuple[Quantity, ...] = ("activations", "gradient_noise", "sharpness", "preconditioned_sharpness")


class Measure(Frozen):
    """Measurements before every `every`-th update, the first included; they change no training.

    All are of the data's loss with the model's own penalties, without regularisers, in 32 bits at least; only
    activations are measured in the trial's dtype.
    """

    every: int | None = Field(
        None, ge=1, description="updates between two measurements; None measures nothing"
    )
    what: tuple[Quantity, ...] = Field(QUANTITIES, description="what is measured")
    examples: PositiveInt | Literal["all"] = Field(
        512, description="training examples for activations and sharpness, drawn once per trial"
    )
    batches: int = Field(
        8, ge=2, le=1024, description="batches whose gradients are compared, drawn anew for each measurement"
    )
    iterations: int = Field(NUM_ITERATIONS, ge=1, le=10_000, description="most products with the Hessian")
    tolerance: float = Field(
        TOLERANCE, gt=0, lt=1, description="relative error of sharpness at which its iteration ends"
    )
