"""Losses and scores by task, for all members at once: K members, B examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from trainers.data.base import BOX_SIZE, Task
from trainers.errors import ConfigError
from trainers.late import functional, torch

if TYPE_CHECKING:
    from torch import Tensor

LossName = Literal["task", "half_squared_error"]
"""The loss of the data's task; or ½ of its squared error, whose curvature for a linear model is XᵀX/n."""


def loss_factor(name: LossName, task: Task) -> float:
    """What the task's loss is multiplied by; raises `ConfigError` where no squared error can be halved."""
    if name == "task":
        return 1.0
    if task != "regression":
        raise ConfigError(
            f"workload.loss '{name}' needs numbers to predict, but the task is {task}: leave it at 'task'"
        )
    return 0.5


def task_losses(task: Task, outputs: Tensor, targets: Tensor) -> Tensor:
    """Mean loss of each member (K,): squared error, class and box for detection, otherwise cross-entropy.

    Computed in float32 at least, whatever the outputs are in.
    """
    outputs = outputs.to(torch.promote_types(outputs.dtype, torch.float32))
    if task == "regression":
        return squared_errors(outputs, targets)
    if task == "detection":
        return detection_losses(outputs, targets)
    return cross_entropies(outputs, targets)


def cross_entropies(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean cross-entropy (K,) of `logits` (K, B, ..., C) against classes (K or 1, B, ...) or soft targets.

    Soft targets are (K or 1, B, ..., C). Non-finite logits give a non-finite loss for their member only.
    """
    K, num_classes = logits.shape[0], logits.shape[-1]
    is_soft = targets.is_floating_point()
    flat_targets = targets.expand(K, *targets.shape[1:]).flatten(0, -2 if is_soft else -1)
    if is_soft:
        flat_targets = flat_targets.to(logits.dtype)
    if K == 1:
        return functional.cross_entropy(logits.reshape(-1, num_classes), flat_targets).unsqueeze(0)
    losses = functional.cross_entropy(logits.reshape(-1, num_classes), flat_targets, reduction="none")
    return losses.view(K, -1).mean(dim=1)


def squared_errors(outputs: Tensor, targets: Tensor) -> Tensor:
    """Mean squared error (K,) over examples and outputs of (K, B, D) against (K or 1, B, D)."""
    return (outputs - targets).square().flatten(1).mean(dim=1)


def detection_losses(outputs: Tensor, targets: Tensor) -> Tensor:
    """Cross-entropy of the class plus smooth L1 of the box (K,); outputs (K, B, C + 4), targets (K, B, 5)."""
    logits, boxes = outputs[..., :-BOX_SIZE], outputs[..., -BOX_SIZE:]
    classes, true_boxes = targets[..., 0].long(), targets[..., 1:].expand(boxes.shape)
    box_losses = functional.smooth_l1_loss(boxes, true_boxes, reduction="none").sum(dim=-1).mean(dim=1)
    return cross_entropies(logits, classes) + box_losses


def task_accuracies(task: Task, outputs: Tensor, targets: Tensor) -> Tensor | None:
    """Share of right classes (K,), None for a task without classes."""
    if task == "regression":
        return None
    if task == "detection":
        return accuracies(outputs[..., :-BOX_SIZE], targets[..., 0].long())
    return accuracies(outputs, targets)


def accuracies(logits: Tensor, targets: Tensor) -> Tensor:
    """Share of right classes (K,) of `logits` (K, B, ..., C) against (K or 1, B, ...)."""
    hits = logits.argmax(dim=-1) == targets
    return hits.flatten(1).to(torch.get_default_dtype()).mean(dim=1)


def constant_baseline(task: Task, targets: Tensor) -> float:
    """Loss of the best constant prediction of `targets` (N, ...): class frequencies, or the mean."""
    if task == "regression":
        return float((targets - targets.mean(dim=0)).square().mean())
    if task == "detection":
        boxes = targets[:, 1:]
        spread = functional.smooth_l1_loss(boxes, boxes.mean(dim=0).expand_as(boxes), reduction="none").sum(
            dim=1
        )
        return constant_baseline("classification", targets[:, 0].long()) + float(spread.mean())
    counts = torch.bincount(targets.flatten()).double()
    return float(torch.special.entr(counts / counts.sum()).sum())
