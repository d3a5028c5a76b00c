"""Processes that each train one trial of a case in plain torch, side by side on one device."""

import multiprocessing
from multiprocessing.synchronize import Barrier
from time import perf_counter

import torch

from benchmarks.plain_models import PLAIN_MODELS
from benchmarks.stacking import Case
from trainers.device import synchronize
from trainers.losses import task_losses

WARM_STEPS = 8


def seconds_together(case: Case, num_processes: int, steps: int, repeats: int, device: str) -> list[float]:
    """Of each repeat, the seconds of the slowest process; all begin together, after they have warmed up."""
    spawn = multiprocessing.get_context("spawn")
    barrier, seconds = spawn.Barrier(num_processes), spawn.SimpleQueue()
    arguments = (case, steps, repeats, device, barrier, seconds)
    processes = [spawn.Process(target=_train_plain, args=arguments) for _ in range(num_processes)]
    for process in processes:
        process.start()
    of_each = [seconds.get() for _ in processes]
    for process in processes:
        process.join()
    if any(process.exitcode for process in processes):
        raise RuntimeError(f"{case.name}: a process of {num_processes} ended with an error")
    return [max(times) for times in zip(*of_each, strict=True)]


def _train_plain(
    case: Case,
    steps: int,
    repeats: int,
    device: str,
    barrier: Barrier,
    seconds: "multiprocessing.SimpleQueue[list[float]]",
) -> None:
    torch.set_num_threads(1)
    dataset = case.config(steps, seed=0).workload.data.load()
    inputs, targets = dataset.inputs.to(device), dataset.targets.to(device)
    times = []
    for count in (WARM_STEPS, *[steps] * repeats):
        model = PLAIN_MODELS[case.name]().to(device)
        optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, fused=True)
        synchronize(device)
        barrier.wait()
        started = perf_counter()
        for _ in range(count):
            rows = torch.randint(len(inputs), (case.batch_size,), device=device)
            outputs = model(inputs[rows])
            loss = task_losses(dataset.task, outputs.unsqueeze(0), targets[rows].unsqueeze(0)).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        synchronize(device)
        times.append(perf_counter() - started)
    seconds.put(times[1:])
