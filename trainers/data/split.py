"""A fixed split of examples into those to train on and those to evaluate on."""

import torch
from torch import Tensor

from trainers.data.base import Dataset, Task
from trainers.seeds import generator


def split(task: Task, inputs: Tensor, targets: Tensor, *, output_size: int, num_eval: int) -> Dataset:
    """A dataset that holds out `num_eval` of the N examples, drawn once and for all."""
    order = torch.randperm(len(inputs), generator=generator(0, "split"))
    kept, held_out = order[num_eval:], order[:num_eval]
    return Dataset(task, inputs[kept], targets[kept], inputs[held_out], targets[held_out], output_size)
