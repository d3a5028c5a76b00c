"""The training loop that one would write in plain torch, with and without curves."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, mse_loss
from torch.nn.utils import clip_grad_norm_

from benchmarks.cases import Case, Setting
from benchmarks.plain_models import PLAIN_MODELS
from trainers.data.base import Dataset


@dataclass(frozen=True)
class Window:
    """One report: the curves' values at `step`, and with the last one what held-out data say."""

    step: int
    curves: dict[str, float]
    final: dict[str, float] = field(default_factory=dict)


class PlainTrial:
    """One trial's model, optimizer and batches. The optimizer is the fused one, the fastest here."""

    def __init__(self, case: Case, setting: Setting) -> None:
        torch.manual_seed(setting.seed)
        self.case = case
        self.setting = setting
        self.dataset = case.dataset()
        self.model = PLAIN_MODELS[case.plain_model]()
        self.model.apply(_draw_weights)
        self.parameters = list(self.model.parameters())
        self.optimizer = torch.optim.SGD(self.parameters, lr=setting.lr, fused=True)
        self.batches = _batches(len(self.dataset.inputs), case)

    def loss(self, step: int) -> Tensor:
        """Of the step's batch, with its gradients in the model."""
        rows = self.batches[step]
        loss = _loss(self.dataset, self.model(self.dataset.inputs[rows]), self.dataset.targets[rows])
        self.optimizer.zero_grad()
        loss.backward()
        return loss

    def evaluate(self) -> dict[str, float]:
        """What held-out data say."""
        with torch.no_grad():
            outputs = self.model(self.dataset.eval_inputs)
            scores = {"final/eval_loss": float(_loss(self.dataset, outputs, self.dataset.eval_targets))}
        if self.dataset.task != "regression":
            hits = outputs.argmax(dim=1) == self.dataset.eval_targets
            scores["final/eval_accuracy"] = float(hits.float().mean())
        return scores


def train_bare(case: Case, setting: Setting) -> dict[str, float]:
    """Train and evaluate once at the end; nothing else."""
    trial = PlainTrial(case, setting)
    for step in range(case.steps):
        trial.loss(step)
        if setting.max_norm is not None:
            clip_grad_norm_(trial.parameters, setting.max_norm, foreach=True)
        trial.optimizer.step()
    return trial.evaluate()


def train_windows(case: Case, setting: Setting) -> Iterator[Window]:
    """Train, with a point of each curve every `report_every` steps; one look at the numbers a window."""
    trial = PlainTrial(case, setting)
    limit = float("inf") if setting.max_norm is None else setting.max_norm
    losses, norms = [], []
    for step in range(case.steps):
        losses.append(trial.loss(step).detach())
        norms.append(clip_grad_norm_(trial.parameters, limit, foreach=True))
        trial.optimizer.step()
        is_last = step + 1 == case.steps
        if is_last or (step + 1) % case.report_every == 0:
            curves = _curves(trial, torch.stack(losses), torch.stack(norms), limit)
            yield Window(step, curves, trial.evaluate() if is_last else {})
            losses, norms = [], []


def _curves(trial: PlainTrial, losses: Tensor, norms: Tensor, limit: float) -> dict[str, float]:
    """The window's statistics; an update of SGD is its learning rate times the clipped gradient."""
    lr = trial.setting.lr
    after = norms.clamp(max=limit)
    weight_norm = torch.stack(torch._foreach_norm([p.detach() for p in trial.parameters])).norm()
    means = torch.stack([losses.mean(), norms.mean(), norms.max(), after.mean(), weight_norm]).tolist()
    train_loss, grad_norm, grad_norm_max, grad_norm_after, size = means
    return {
        "train_loss": train_loss,
        "grad_norm": grad_norm,
        "grad_norm_max": grad_norm_max,
        "grad_norm_after": grad_norm_after,
        "clip_fraction": float((norms > limit).float().mean()),
        "weight_norm": size,
        "update_ratio": lr * grad_norm_after / size,
        "lr": lr,
    }


def _batches(num_examples: int, case: Case) -> Tensor:
    """Rows (steps, B) of shuffled passes over the examples."""
    wanted = case.steps * case.batch_size
    passes = [torch.randperm(num_examples) for _ in range(-(-wanted // num_examples))]
    return torch.cat(passes)[:wanted].view(case.steps, case.batch_size)


def _loss(dataset: Dataset, outputs: Tensor, targets: Tensor) -> Tensor:
    return mse_loss(outputs, targets) if dataset.task == "regression" else cross_entropy(outputs, targets)


def _draw_weights(module: nn.Module) -> None:
    for name, parameter in module.named_parameters(recurse=False):
        if parameter.dim() > 1:
            nn.init.kaiming_normal_(parameter, nonlinearity="relu")
        elif "bias" in name:
            nn.init.zeros_(parameter)
