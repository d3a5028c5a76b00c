"""How much arithmetic a trial's step is, and how much a device can do at best."""

from time import perf_counter

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.stacking import Case
from trainers.device import synchronize
from trainers.losses import task_losses


def step_flops(case: Case, model: nn.Module) -> int:
    """Floating-point operations of one trial's step in products and convolutions, backward pass included.

    The counter sees every product on the CPU but those of the fused LSTM, which is counted by its weights.
    """
    dataset = case.config(steps=1, seed=0).workload.data.load()
    inputs, targets = dataset.inputs[: case.batch_size], dataset.targets[: case.batch_size]
    with FlopCounterMode(display=False) as counter:
        outputs = model(inputs)
        task_losses(dataset.task, outputs.unsqueeze(0), targets.unsqueeze(0)).sum().backward()
    return int(counter.get_total_flops()) + _lstm_flops(model, inputs)


def _lstm_flops(model: nn.Module, inputs: Tensor) -> int:
    """Of inputs (B, T, D): two operations a weight, example and step; forward, and for both gradients."""
    cells = [module for module in model.modules() if isinstance(module, nn.LSTM)]
    num_weights = sum(p.numel() for cell in cells for p in cell.parameters() if p.dim() > 1)
    return 3 * 2 * num_weights * inputs.shape[0] * inputs.shape[1] if cells else 0


def peak_flops(device: str, size: int, repeats: int = 10) -> float:
    """Floating-point operations a second of float32 products of square matrices; the best of a few."""
    left, right = torch.randn(2, size, size, device=device)
    best = float("inf")
    for _ in range(repeats):
        started = perf_counter()
        torch.mm(left, right)
        synchronize(device)
        best = min(best, perf_counter() - started)
    return 2 * size**3 / best
