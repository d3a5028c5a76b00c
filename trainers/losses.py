"""Losses and scores by task, for all members at once: K members, B examples."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from trainers.data.base import Task


def task_losses(task: Task, outputs: Tensor, targets: Tensor) -> Tensor:
    """Mean loss of each member (K,): mean squared error for regression, cross-entropy otherwise."""
    if task == "regression":
        return squared_errors(outputs, targets)
    return cross_entropies(outputs, targets)


def cross_entropies(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean cross-entropy (K,) of `logits` (K, B, ..., C) against classes (K or 1, B, ...) or soft targets.

    Soft targets are (K or 1, B, ..., C). Non-finite logits give a non-finite loss for their member only.
    """
    K, num_classes = logits.shape[0], logits.shape[-1]
    is_soft = targets.is_floating_point()
    flat_targets = targets.expand(K, *targets.shape[1:]).flatten(0, -2 if is_soft else -1)
    losses = cross_entropy(logits.reshape(-1, num_classes), flat_targets, reduction="none")
    return losses.view(K, -1).mean(dim=1)


def squared_errors(outputs: Tensor, targets: Tensor) -> Tensor:
    """Mean squared error (K,) over examples and outputs of (K, B, D) against (K or 1, B, D)."""
    return (outputs - targets).square().flatten(1).mean(dim=1)


def accuracies(logits: Tensor, targets: Tensor) -> Tensor:
    """Share of right classes (K,) of `logits` (K, B, ..., C) against (K or 1, B, ...)."""
    hits = logits.argmax(dim=-1) == targets
    return hits.flatten(1).to(torch.get_default_dtype()).mean(dim=1)


def constant_baseline(task: Task, targets: Tensor) -> float:
    """Loss of the best constant prediction of `targets` (N, ...): class frequencies, or the mean."""
    if task == "regression":
        return float((targets - targets.mean(dim=0)).square().mean())
    counts = torch.bincount(targets.flatten()).double()
    return float(torch.special.entr(counts / counts.sum()).sum())
