"""Activations against what was planted."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from trainers.config import WorkloadConfig
from trainers.statistics.activations import ActivationTape
from trainers.supervised import Supervised


def workload(model: dict[str, Any]) -> Supervised:
    config = WorkloadConfig.model_validate({"data": {"kind": "digits"}, "model": model})
    return Supervised.build(config, "cpu", torch.float64)


def random_rows(built: Supervised, K: int) -> Tensor:
    draw = torch.Generator().manual_seed(3)
    return 0.3 * torch.randn(K, built.layout.size, generator=draw, dtype=torch.float64)


def look(built: Supervised, params: Tensor, num_examples: int = 20) -> ActivationTape:
    tape = ActivationTape()
    inputs, targets = built.batch(torch.arange(num_examples).unsqueeze(0))
    with torch.no_grad():
        built.loss(built.layout.views(params), inputs, targets, tape)
    return tape


def test_planted_dead_units_are_counted_in_their_layer_and_member() -> None:
    built = workload({"kind": "mlp", "hidden": [8, 6]})
    params = random_rows(built, 3)
    views = built.layout.views(params)
    views["dense1.weight"][1, :5] = 0.0
    views["dense1.bias"][1, :5] = -1.0
    views["dense2.weight"][2] = -views["dense2.weight"][2].abs()
    views["dense2.bias"][2] = 0.0
    tape = look(built, params)
    sound = look(built, random_rows(built, 3))
    assert (tape.num_dead["dense1"] - sound.num_dead["dense1"])[[0, 2]].tolist() == [0, 0]
    assert tape.num_dead["dense1"][1] >= 5
    assert tape.num_dead["dense2"][2] == 6
    assert tape.num_units["dense1"].tolist() == [8, 8, 8]


def test_a_unit_that_one_example_wakes_is_not_dead() -> None:
    tape = ActivationTape()
    values = torch.zeros(1, 4, 3)
    values[0, 2, 1] = 1e-30
    tape.observe("dense1", values)
    assert tape.num_dead["dense1"].tolist() == [2]


def test_a_channel_is_dead_when_it_is_nowhere_active() -> None:
    built = workload({"kind": "cnn", "channels": [4], "dense": [5]})
    params = random_rows(built, 2)
    built.layout.views(params)["conv1.bias"][0, 2] = -1e3
    tape = look(built, params)
    sound = look(built, random_rows(built, 2))
    assert tape.num_units["conv1"].tolist() == [4, 4]
    assert tape.num_dead["conv1"][0] == sound.num_dead["conv1"][0] + 1


def test_units_inside_a_transformer_are_those_after_the_nonlinearity() -> None:
    built = workload(
        {"kind": "transformer", "width": 8, "heads": 2, "layers": 1, "activation": "relu", "mlp_ratio": 2}
    )
    params = random_rows(built, 2)
    built.layout.views(params)["block1.mlp.in.bias"].fill_(1e3)
    built.layout.views(params)["block1.mlp.in.bias"][1, :7] = -1e3
    tape = look(built, params)
    assert tape.num_units["block1.mlp"].tolist() == [16, 16]
    assert tape.num_dead["block1.mlp"].tolist() == [0, 7]


def test_the_root_mean_square_is_that_of_the_output() -> None:
    built = workload({"kind": "mlp", "hidden": [8], "activation": "tanh"})
    params = random_rows(built, 2)
    views = {name: view.numpy() for name, view in built.layout.views(params).items()}
    inputs = built.dataset.inputs[:20].flatten(1).numpy()
    for member in range(2):
        hidden = np.tanh(inputs @ views["dense1.weight"][member].T + views["dense1.bias"][member])
        outputs = hidden @ views["output.weight"][member].T + views["output.bias"][member]
        tape = look(built, params)
        for layer, values in (("dense1", hidden), ("output", outputs)):
            expected = np.sqrt(np.square(values).mean())
            assert tape.rms[layer][member].item() == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("qk_norm", [False, True])
def test_the_largest_attention_logit_is_that_of_a_plain_computation(qk_norm: bool) -> None:
    model = {"kind": "transformer", "width": 6, "heads": 2, "layers": 1, "norm": "none", "qk_norm": qk_norm}
    built = workload(model)
    params = random_rows(built, 2)
    tape = look(built, params)
    for member in range(2):
        expected = largest_logit(built, params[member], qk_norm)
        assert tape.logit_max["block1.attention"][member].item() == pytest.approx(expected, rel=1e-12)


def largest_logit(built: Supervised, row: Tensor, qk_norm: bool) -> float:
    """Of one member, on its own, query by query."""
    views = {name: view[0].numpy() for name, view in built.layout.views(row.unsqueeze(0)).items()}
    images = built.dataset.inputs[:20].squeeze(1).numpy()  # (B, T, 8): rows of pixels are steps
    stream = images @ views["embedding.weight"].T + views["embedding.bias"] + views["embedding.places"]
    qkv = stream @ views["block1.attention.qkv.weight"].T + views["block1.attention.qkv.bias"]
    largest = -np.inf
    for head in range(2):
        queries, keys = qkv[..., head * 3 : head * 3 + 3], qkv[..., 6 + head * 3 : 9 + head * 3]
        if qk_norm:
            queries = normed(queries, views, "query")
            keys = normed(keys, views, "key")
        for t in range(stream.shape[1]):
            logits = np.einsum("bd,bsd->bs", queries[:, t], keys[:, : t + 1]) / np.sqrt(3)
            largest = max(largest, float(logits.max()))
    return largest


def normed(values: np.ndarray, views: dict[str, np.ndarray], which: str) -> np.ndarray:
    centred = values - values.mean(axis=-1, keepdims=True)
    scaled = centred / np.sqrt(np.square(centred).mean(axis=-1, keepdims=True) + 1e-5)
    scale, shift = (views[f"block1.attention.{which}_norm.{part}"] for part in ("scale", "shift"))
    return np.asarray(scaled * scale + shift)


def test_masked_logits_do_not_count() -> None:
    tape = ActivationTape()
    logits = torch.full((1, 1, 2, 2), -3.0)
    logits[0, 0, 0, 1] = 100.0
    tape.inside("attention", "logits", logits)
    assert tape.logit_max["attention"].tolist() == [-3.0]


@pytest.mark.parametrize("broken", [torch.nan, torch.inf])
def test_what_is_not_finite_stays_so_and_is_not_dead(broken: float) -> None:
    tape = ActivationTape()
    values = torch.zeros(2, 3, 4, dtype=torch.float16)
    values[1, 0, 0] = broken
    tape.observe("dense1", values)
    tape.inside("attention", "logits", torch.full((1, 1, 2, 2), broken))
    assert tape.rms["dense1"][0] == 0.0
    assert not tape.rms["dense1"][1].isfinite()
    assert tape.num_dead["dense1"].tolist() == [4, 3]
    assert not tape.logit_max["attention"].isfinite().any()


def test_squares_beyond_the_range_of_the_dtype_do_not_overflow() -> None:
    for dtype, size in ((torch.float16, 6e4), (torch.float32, 1e30), (torch.float64, 1e200)):
        tape = ActivationTape()
        tape.observe("dense1", torch.full((1, 2, 3), size, dtype=dtype))
        assert tape.rms["dense1"].item() == pytest.approx(size, rel=1e-3)
