"""Defaults are those of the papers and libraries that the kinds name as their sources."""

from typing import Any

import pytest

from trainers.catalogue import FAMILIES, alternatives

PUBLISHED: dict[tuple[str, str], dict[str, Any]] = {
    ("clip", "global_norm"): {"max_norm": 1.0},
    ("clip", "agc"): {"fraction": 0.01, "eps": 1e-3},
    ("clip", "autoclip"): {"percentile": 10.0},
    ("clip", "zclip"): {"z_threshold": 2.5, "alpha": 0.97, "warmup_steps": 25},
    ("clip", "adagc"): {"max_norm": 1.0, "ratio": 1.05, "beta": 0.98, "warmup_steps": 100},
    ("clip", "spike_momentum_reset"): {"threshold": 5000.0, "reset_every": 500, "warmup_steps": 150},
    ("clip", "skip_step"): {"window": 128, "z_threshold": 6.0},
    ("gradient", "noise"): {"eta": 0.01, "gamma": 0.55},
    ("gradient", "constant_offset"): {"epsilon": 1e-5},
    ("gradient", "update_ema"): {"gamma": 0.9},
    ("optimizer", "momentum"): {"momentum": 0.9},
    ("optimizer", "nesterov"): {"momentum": 0.9},
    ("optimizer", "adam"): {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0},
    ("optimizer", "adamw"): {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.01},
    ("optimizer", "nadam"): {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "momentum_decay": 4e-3},
    ("optimizer", "radam"): {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
    ("optimizer", "rmsprop"): {"alpha": 0.99, "eps": 1e-8, "momentum": 0.0, "centered": False},
    ("optimizer", "adagrad"): {"lr_decay": 0.0, "initial_sum": 0.0, "eps": 1e-10},
    ("optimizer", "adadelta"): {"rho": 0.9, "eps": 1e-6},
    ("optimizer", "lion"): {"beta1": 0.9, "beta2": 0.99},
    ("init", "lsuv"): {"tolerance": 0.1},
    ("schedule", "one_cycle"): {"rise": 0.3, "start_divisor": 25.0, "final_divisor": 1e4},
    ("schedule", "plateau"): {"drop": 0.1, "threshold": 1e-4},
}


@pytest.mark.parametrize(("family", "kind"), PUBLISHED, ids=[":".join(key) for key in PUBLISHED])
def test_a_kind_left_to_itself_is_the_published_one(family: str, kind: str) -> None:
    union = next(union for name, _, _, union in FAMILIES if name == family)
    found = next(entry for entry in alternatives(union) if entry.model_fields["kind"].default == kind)
    for name, value in PUBLISHED[family, kind].items():
        assert found.model_fields[name].default == value, name
