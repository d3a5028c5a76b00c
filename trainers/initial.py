"""Initial parameters of trials."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor

from trainers.config import TrialConfig
from trainers.device import DTYPES
from trainers.seeds import generator
from trainers.tape import SilentTape
from trainers.workload import Workload

NUM_PROBED_EXAMPLES = 256
"""Training examples that data-dependent initializers look at."""


class InitialRows:
    """Initial parameters by init config and seed; trials that differ in something else share the work."""

    def __init__(self, device: str = "cpu") -> None:
        self._device = device
        self._rows: dict[tuple[str, int], Tensor] = {}

    def __call__(self, config: TrialConfig, workload: Workload) -> Tensor:
        """The float64 row (P,) of one trial; never write into it."""
        key = _key(config)
        if key not in self._rows:
            self._rows[key] = self._drawn(config, workload)
        return self._rows[key]

    def draw(self, configs: Sequence[TrialConfig], workload: Workload) -> None:
        """Draw what these trials are going to ask for, by as many threads as torch has; none for one."""
        if torch.get_num_threads() == 1:
            return
        missing = {_key(config): config for config in configs if _key(config) not in self._rows}
        with ThreadPoolExecutor(torch.get_num_threads()) as pool:
            rows = pool.map(lambda config: self._drawn(config, workload), missing.values())
            self._rows |= dict(zip(missing, rows, strict=True))

    def _drawn(self, config: TrialConfig, workload: Workload) -> Tensor:
        probe = LayerProbe(workload, config, self._device)
        return config.init.initialize(workload.layout, generator(config.seed, "init"), probe)


def _key(config: TrialConfig) -> tuple[str, int]:
    return config.init.model_dump_json(), config.seed


class LayerProbe:
    """Runs a workload's model on a few training examples of a trial and keeps what every layer gives."""

    def __init__(self, workload: Workload, config: TrialConfig, device: str = "cpu") -> None:
        self._device = device
        self._workload = workload
        self._config = config

    def __call__(self, row: Tensor) -> dict[str, Tensor]:
        """Each layer's output (B, ...) at parameters (P,)."""
        workload, seed = self._workload, self._config.seed
        order = torch.randperm(workload.num_examples, generator=generator(seed, "probe"))
        inputs, targets = workload.batch(order[:NUM_PROBED_EXAMPLES].unsqueeze(0).to(self._device))
        flat = row.to(self._device, DTYPES[self._config.dtype]).unsqueeze(0)
        tape = _CollectingTape()
        with torch.no_grad():
            workload.loss(workload.layout.views(flat), inputs, targets, tape)
        return tape.outputs


class _CollectingTape(SilentTape):
    def __init__(self) -> None:
        self.outputs: dict[str, Tensor] = {}

    def observe(self, layer: str, activation: Tensor) -> Tensor:
        self.outputs[layer] = activation[0].cpu()
        return activation
