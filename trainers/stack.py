"""A stack: K trials of one static signature, trained as one model with a leading trial dimension."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

import torch
from torch import Tensor

from trainers.batches import Batches
from trainers.checkpoint import State, load_into, saved
from trainers.clipping.base import Clip, ClipRule
from trainers.config import TrialConfig
from trainers.gradients.base import GradientTransform
from trainers.layer_rates import rate_factors
from trainers.layout import ParameterLayout
from trainers.optimizers.base import Optimizer, StackedOptimizer
from trainers.precision import LossScale, storage_dtype
from trainers.rates import Rates
from trainers.regularisers.base import StackedRegulariser
from trainers.stacked import Stacked
from trainers.statistics.device import DeviceMeter
from trainers.statistics.host import HostMeter
from trainers.statistics.meter import Meter, Needs
from trainers.trial import PackTrial
from trainers.workload import Workload

Initial = Callable[[TrialConfig, Workload], Tensor]
"""Gives a trial's initial parameters as a float64 row (P,)."""


class Keeps(Protocol):
    """State with one row per member."""

    def keep(self, rows: Tensor) -> None:
        """Drop the members that are not in `rows` (int64, sorted)."""
        ...


@dataclass
class ClipGroup:
    """Members `first` to `stop`, which share a clip kind, and their rule."""

    first: int
    stop: int
    rule: ClipRule


class Stack:
    """The state of K members; member k is row k of every matrix.

    Members are sorted by clip kind, so that each rule works on a contiguous slice of rows. `params` (K, P)
    holds all parameters; `leaves` are views of it that autograd differentiates with respect to. `grads` (K,
    P) is refilled at every step. In 16-bit training the leaves are views of a copy, see `precision`.
    `rate_factors` (K, P) multiply updates, where a member's initializer or its `layer_lr` asks for them.
    """

    def __init__(
        self,
        trials: Sequence[PackTrial],
        workload: Workload,
        initial: Initial,
        device: str,
        dtype: torch.dtype,
    ) -> None:
        self.trials = sorted(trials, key=lambda trial: trial.config.clip.kind)
        self.workload = workload
        self.layout = workload.layout
        self.device = device
        configs = [trial.config for trial in self.trials]
        seeds = [config.seed for config in configs]
        self.dtype = dtype
        rows = torch.empty(len(configs), self.layout.size, dtype=storage_dtype(dtype))
        for row, config in zip(rows.unbind(), configs, strict=True):
            row.copy_(initial(config, workload))
        self.params = rows.to(device)  # (K, P)
        self.loss_limit = torch.full_like(self.params[:, 0], torch.inf)  # (K,)
        self.loss_scale = LossScale(len(rows), device) if dtype == torch.float16 else None
        self.accumulate = configs[0].accumulate
        self.batches = Batches(seeds, workload, configs[0].batch_size, self.accumulate, device)
        self.rates = Rates(configs, workload.num_examples, self.params)
        self.rate_factors = _stack_rate_factors(configs, self.layout, self.params)
        self.regularisers = _stack_regularisers(configs, workload, self.params)
        self.transforms = _stack_transforms(configs, self.layout, self.params)
        self.clips = _stack_clips(configs, self.layout, self.params)
        self.optimizer = _stack_optimizers(configs, self.layout, self.params)
        self.meter = make_meter(self.layout, self.params, _needs(self.clips))
        self._bind()

    @property
    def measures_tensors(self) -> bool:
        """Whether nothing comes between the gradients of a single batch and their measurement."""
        return not self.transforms and not self.regularisers and self.loss_scale is None

    @property
    def num_members(self) -> int:
        """K."""
        return len(self.trials)

    def keep(self, rows: Tensor) -> None:
        """Drop the members that are not in `rows` (int64, sorted)."""
        self.trials = [self.trials[row] for row in rows.tolist()]
        on_device = rows.to(self.params.device)
        self.params = self.params.index_select(0, on_device)
        self.loss_limit = self.loss_limit.index_select(0, on_device)
        if self.rate_factors is not None:
            self.rate_factors = self.rate_factors.index_select(0, on_device)
        self.clips = _keep_clips(self.clips, rows)
        parts: list[Keeps] = [self.optimizer, *self.transforms, *self.regularisers]
        if self.loss_scale is not None:
            parts.append(self.loss_scale)
        for part in [*parts, self.batches, self.rates, self.meter]:
            part.keep(rows)
        self.meter.needs = _needs(self.clips)
        self._bind()

    def views(self, flat: Tensor) -> dict[str, Tensor]:
        """Parameters by name, each (K, *shape), as views of `flat` (K, P) or of its copy to compute with."""
        return self.layout.views(flat.to(self.dtype))

    def state(self) -> State:
        """What the members have become; a stack of the same trials can `load` it."""
        return {
            "params": self.params.detach().cpu().clone(),
            "loss_limit": self.loss_limit.cpu().clone(),
            "feedback": list(self.rates.feedback),
            "parts": [saved(part) for part in self.parts()],
            "meter": self.meter.state(),
        }

    def load(self, state: State) -> None:
        """Go on where `state` was taken."""
        self.params.copy_(state["params"])
        self.loss_limit = state["loss_limit"].to(self.params.device)
        self.rates.feedback = list(state["feedback"])
        for part, part_state in zip(self.parts(), state["parts"], strict=True):
            load_into(part, part_state, self.device)
        self.meter.load(state["meter"])

    def parts(self) -> list[Stacked]:
        """Everything that keeps a state of its own."""
        rules = [group.rule for group in self.clips]
        scale = [] if self.loss_scale is None else [self.loss_scale]
        return [self.optimizer, *self.transforms, *self.regularisers, *rules, *scale]

    def refresh(self) -> None:
        """Let the leaves hold the present parameters; only a copy in 16 bits has to be renewed."""
        if self._copy is not None:
            self._copy.copy_(self.params)

    def _bind(self) -> None:
        self._copy = None if self.dtype == self.params.dtype else self.params.to(self.dtype)
        computed = self.params if self._copy is None else self._copy
        self.leaves = {name: view.requires_grad_() for name, view in self.layout.views(computed).items()}
        self.leaf_list = list(self.leaves.values())
        self.grads = torch.empty_like(self.params)
        self.grad_views = list(self.layout.views(self.grads).values())


def make_meter(layout: ParameterLayout, like: Tensor, needs: Needs) -> Meter:
    """The meter that suits where `like` (K, P) lives and its dtype."""
    on_host = like.device.type == "cpu" and like.dtype in (torch.float32, torch.float64)
    return HostMeter(layout, like, needs) if on_host else DeviceMeter(layout, like, needs)


def _needs(clips: Sequence[ClipGroup]) -> Needs:
    """What the clip rules look at in every step; none of them, nothing."""
    rules = [group.rule for group in clips if not group.rule.changes_nothing]
    always: Needs = frozenset({"norm"}) if rules else frozenset()
    return always.union(*(rule.needs for rule in rules))


def _stack_clips(configs: Sequence[TrialConfig], layout: ParameterLayout, like: Tensor) -> list[ClipGroup]:
    groups: list[ClipGroup] = []
    first = 0
    for _, members in groupby(configs, key=lambda config: config.clip.kind):
        clips: list[Clip] = [config.clip for config in members]
        stop = first + len(clips)
        groups.append(ClipGroup(first, stop, type(clips[0]).stack(clips, layout, like[first:stop])))
        first = stop
    return groups


def _keep_clips(groups: Sequence[ClipGroup], rows: Tensor) -> list[ClipGroup]:
    kept: list[ClipGroup] = []
    first = 0
    for group in groups:
        local = rows[(rows >= group.first) & (rows < group.stop)] - group.first
        if len(local):
            group.rule.keep(local)
            kept.append(ClipGroup(first, first + len(local), group.rule))
            first += len(local)
    return kept


def _stack_optimizers(
    configs: Sequence[TrialConfig], layout: ParameterLayout, like: Tensor
) -> StackedOptimizer:
    optimizers: list[Optimizer] = [config.optimizer for config in configs]
    return type(optimizers[0]).stack(optimizers, layout, like)


def _stack_rate_factors(
    configs: Sequence[TrialConfig], layout: ParameterLayout, like: Tensor
) -> Tensor | None:
    """Factors (K, P) on the learning rates, of initializers and of layers; None when nobody has any."""
    rows = [_rate_factors(config, layout) for config in configs]
    if all(row is None for row in rows):
        return None
    ones = torch.ones(layout.size, dtype=torch.float64)
    return torch.stack([ones if row is None else row for row in rows]).to(like)


def _rate_factors(config: TrialConfig, layout: ParameterLayout) -> Tensor | None:
    of_init = config.init.rate_factors(layout, adaptive=config.optimizer.adaptive)
    of_layers = rate_factors(config.layer_lr, config.optimizer.lr, layout)
    if of_init is None or of_layers is None:
        return of_layers if of_init is None else of_init
    return of_init * of_layers


def _stack_transforms(
    configs: Sequence[TrialConfig], layout: ParameterLayout, like: Tensor
) -> list[GradientTransform]:
    seeds = [config.seed for config in configs]
    by_place = zip(*(config.gradient for config in configs), strict=True)
    return [type(kinds[0]).stack(kinds, layout, like, seeds) for kinds in by_place]


def _stack_regularisers(
    configs: Sequence[TrialConfig], workload: Workload, like: Tensor
) -> list[StackedRegulariser]:
    seeds = [config.seed for config in configs]
    by_place = zip(*(config.regularisers for config in configs), strict=True)
    return [type(kinds[0]).stack(kinds, workload, like, seeds) for kinds in by_place]
