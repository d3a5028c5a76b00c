"""Which trials end before their last step."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from trainers.kinds import Kind
from trainers.rungs import rung_steps

Factor = Annotated[int, Field(ge=2, le=16)]


class Stopping(Kind):
    """Base of stopping rules: trials are compared at `rungs`, by the sweep's objective."""

    between_packs: ClassVar[bool] = False
    """Whether Ray Tune compares packs of one trial; otherwise each pack compares its own trials."""

    def rung_steps(self, num_steps: int) -> tuple[int, ...]:
        """After which steps a trial of `num_steps` is compared with others."""
        return ()


class NoStopping(Stopping):
    """Every trial trains to its last step, unless its numbers blow up."""

    kind: Literal["none"] = "none"


NO_STOPPING = NoStopping()


class Halving(Stopping):
    """Successive halving in each pack: at each rung its best 1/`factor` trials go on, the others end."""

    source: ClassVar[str] = "Jamieson & Talwalkar 2016, arXiv 1502.07943"
    caution: ClassVar[str] = "a trial that was stopped early shows only what it was by then"
    kind: Literal["halving"] = "halving"
    factor: Factor = Field(
        3, description="one of so many trials goes on; rungs lie this factor of steps apart"
    )
    rungs: int = Field(2, ge=1, le=16, description="comparisons on the way to the last step")

    def rung_steps(self, num_steps: int) -> tuple[int, ...]:
        """The last of them a `factor` below the last step."""
        return rung_steps(num_steps, self.factor, self.rungs)


class Asha(Halving):
    """Successive halving between packs of one trial, which wait for nobody; Ray Tune's ASHA."""

    source: ClassVar[str] = "Li et al. 2020, arXiv 1810.05934; `ray.tune.schedulers.ASHAScheduler`"
    between_packs: ClassVar[bool] = True
    kind: Literal["asha"] = "asha"  # type: ignore[assignment]


class Median(Stopping):
    """A trial ends when its best so far is worse than the median of the others' means; Ray Tune's rule."""

    source: ClassVar[str] = "Golovin et al. 2017 (Vizier); `ray.tune.schedulers.MedianStoppingRule`"
    caution: ClassVar[str] = "a trial that was stopped early shows only what it was by then"
    between_packs: ClassVar[bool] = True
    kind: Literal["median"] = "median"
    rungs: int = Field(8, ge=1, le=256, description="comparisons, spread evenly over the steps")
    grace: int = Field(2, ge=0, le=256, description="first comparisons that stop nobody")
    min_trials: int = Field(3, ge=1, le=10_000, description="others that must have come as far")

    def rung_steps(self, num_steps: int) -> tuple[int, ...]:
        """Evenly spread."""
        marks = (num_steps * index // (self.rungs + 1) for index in range(1, self.rungs + 1))
        return tuple(sorted({mark for mark in marks if 0 < mark < num_steps}))


StoppingConfig = Annotated[NoStopping | Halving | Asha | Median, Field(discriminator="kind")]
