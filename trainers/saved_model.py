"""A trained model as files, and back."""

from io import BytesIO
from pathlib import Path

import torch
from torch import Tensor

from trainers.config import TrialConfig
from trainers.device import DTYPES
from trainers.models.base import Params
from trainers.once import Trained
from trainers.supervised import Supervised
from trainers.tape import SilentTape

WEIGHTS = "weights.pt"
CONFIG = "config.json"


class SavedModel:
    """A model with its parameters: called with inputs (B, ...), it gives outputs (B, ...)."""

    def __init__(self, config: TrialConfig, params: Params, device: str = "cpu") -> None:
        """`params` by name, each of its own shape. Raises `DataMissingError`, since data give the shapes."""
        self.config = config
        self._workload = Supervised.build(config.workload, device, DTYPES[config.dtype])
        self._params = {name: value.to(device).unsqueeze(0) for name, value in params.items()}  # (1, *shape)

    def __call__(self, inputs: Tensor) -> Tensor:
        """Outputs (B, ...) for inputs (B, ...) of the form that the trial's data have."""
        with torch.no_grad():
            return self._workload.model.forward(self._params, inputs.unsqueeze(0), SilentTape())[0]

    def evaluate(self) -> dict[str, float]:
        """`eval_loss` and, for class targets, `eval_accuracy`, on the held-out part of the trial's data."""
        return {name: float(value[0]) for name, value in self._workload.evaluate(self._params).items()}


def model_files(trained: Trained) -> dict[str, bytes]:
    """The files that `load_model` reads, by name: a state dict, and the trial's config as JSON."""
    weights = BytesIO()
    torch.save(trained.params, weights)
    return {WEIGHTS: weights.getvalue(), CONFIG: trained.config.model_dump_json(indent=1).encode()}


def load_model(folder: str | Path, device: str = "cpu") -> SavedModel:
    """The model whose files lie in `folder`; weights are read as tensors only, so no code of the file runs.

    Raises `OSError` for files that are missing, and `DataMissingError` where the trial's data are.
    """
    config = TrialConfig.model_validate_json(Path(folder, CONFIG).read_bytes())
    return SavedModel(config, torch.load(Path(folder, WEIGHTS), weights_only=True), device)
