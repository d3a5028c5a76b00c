"""The trials of `benchmarks.confusion`: groups that vary in everything that decides how training ends."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from trainers.config import TrialConfig

Fields = dict[str, Any]

RATES = tuple(10.0**power for power in range(-4, 3))
"""Six decades, for optimizers whose updates grow with the gradient."""
ADAPTIVE_RATES = tuple(10.0**power for power in range(-6, 1))
RESTING_RATE = 1e-12
"""At this learning rate weights rest: the control that shows the loss at initialisation."""
HORIZON = 4
"""The slow rules see this many times the steps that ours see."""

NO_CLIP: Fields = {"kind": "none"}
BY_NORM: Fields = {"kind": "global_norm", "max_norm": 1.0}
BY_SMALL_NORM: Fields = {"kind": "global_norm", "max_norm": 0.1}
BY_VALUE: Fields = {"kind": "value", "max_value": 0.01}
KAIMING: Fields = {"kind": "kaiming_normal"}
XAVIER: Fields = {"kind": "xavier_uniform"}
LARGE: Fields = {"kind": "normal", "std": 1.0}
SMALL: Fields = {"kind": "normal", "std": 0.001}


@dataclass(frozen=True)
class Group:
    """Trials that share a static signature: every learning rate with every clip rule and initializer."""

    name: str
    steps: int
    data: Fields
    model: Fields
    optimizer: Fields
    clips: Sequence[Fields] = (NO_CLIP, BY_NORM)
    inits: Sequence[Fields] = (KAIMING, LARGE)
    rates: Sequence[float] = RATES
    fields: Fields = field(default_factory=dict)
    is_stacked: bool = True

    def configs(self, rates: Sequence[float], **changes: Any) -> Iterator[TrialConfig]:
        """A config for every setting, learning rates innermost; the seed does not depend on them."""
        for seed, (clip, init) in enumerate(product(self.clips, self.inits)):
            for rate in rates:
                fields: Fields = {
                    "workload": {"data": self.data, "model": self.model},
                    "optimizer": self.optimizer | {"lr": rate},
                    "clip": clip, "init": init, "seed": seed, "steps": self.steps, **self.fields,
                }  # fmt: skip
                yield TrialConfig.model_validate(fields | changes)


DIGITS: Fields = {"kind": "digits"}
SGD: Fields = {"kind": "sgd"}
MOMENTUM: Fields = {"kind": "momentum", "momentum": 0.9}
ADAM: Fields = {"kind": "adam"}
EXACT: Fields = {"batch_size": "full", "dtype": "float64"}


def perceptron(hidden: Sequence[int], activation: str = "relu", **fields: Any) -> Fields:
    """An mlp's fields."""
    return {"kind": "mlp", "hidden": list(hidden), "activation": activation, **fields}


GROUPS = (
    Group("mlp, sgd", 300, DIGITS, perceptron([32]), SGD, fields={"batch_size": 32}),
    Group("mlp, sgd, batches of 4", 300, DIGITS, perceptron([32]), SGD, fields={"batch_size": 4}),
    Group(
        "deep tanh, momentum", 300, DIGITS, perceptron([24] * 8, "tanh"), MOMENTUM,
        clips=(NO_CLIP, BY_VALUE), inits=(XAVIER, {"kind": "mean_field", "sigma_w2": 4.0, "sigma_b2": 0.05}),
    ),
    Group(
        "deep sigmoid, adam", 300, DIGITS, perceptron([16] * 6, "sigmoid"), ADAM,
        clips=(NO_CLIP, BY_SMALL_NORM), inits=(XAVIER, LARGE), rates=ADAPTIVE_RATES,
    ),
    Group(
        "deep relu, sgd", 300, DIGITS, perceptron([24] * 10), SGD,
        clips=(NO_CLIP, BY_SMALL_NORM), inits=(KAIMING, SMALL),
    ),
    Group(
        "mlp, full batch", 300, {"kind": "teacher_student", "n": 128}, perceptron([16], "tanh"), SGD,
        clips=(NO_CLIP, BY_SMALL_NORM, BY_VALUE, {"kind": "normalize", "alpha": 0.1}), inits=(KAIMING,),
        fields=EXACT,
    ),
    Group(
        "edge of stability", 400, {"kind": "chebyshev"}, perceptron([20, 20], "tanh"), MOMENTUM,
        clips=(NO_CLIP, BY_NORM), inits=(XAVIER, KAIMING), fields=EXACT,
    ),
    Group(
        "random targets, full batch", 300, {"kind": "random_targets", "n": 64}, perceptron([16], "tanh"), SGD,
        clips=(NO_CLIP, BY_NORM), inits=(KAIMING, LARGE), fields=EXACT,
    ),
    Group(
        "linear regression", 300, {"kind": "linear_regression", "noise": 0.5}, perceptron([]), SGD,
        clips=(NO_CLIP, BY_NORM), inits=(KAIMING, LARGE), fields={"batch_size": 16},
    ),
    Group(
        "regression on noise", 300, {"kind": "linear_regression", "noise": 5.0}, perceptron([8]), MOMENTUM,
        clips=(NO_CLIP, BY_NORM), inits=(KAIMING, SMALL), fields=EXACT,
    ),
    Group("or, sigmoid", 300, {"kind": "or"}, perceptron([3], "sigmoid"), SGD, fields=EXACT),
    Group(
        "mlp, rmsprop", 300, DIGITS, perceptron([32, 16]), {"kind": "rmsprop"},
        rates=ADAPTIVE_RATES, fields={"batch_size": 32},
    ),
    Group(
        "mlp, lion, label smoothing", 300, DIGITS, perceptron([32]), {"kind": "lion"}, rates=ADAPTIVE_RATES,
        fields={"regularisers": [{"kind": "label_smoothing", "weight": 0.1}], "batch_size": 32},
    ),
    Group(
        "mlp, dropout, warm-up", 300, DIGITS, perceptron([64]), ADAM, rates=ADAPTIVE_RATES,
        fields={
            "regularisers": [{"kind": "dropout", "rate": 0.3}],
            "schedule": {"kind": "linear_warmup", "warmup_steps": 50},
        },
    ),
    Group("mlp, bfloat16", 200, DIGITS, perceptron([32]), SGD, fields={"dtype": "bfloat16"}),
    Group("mlp, float16", 200, DIGITS, perceptron([32]), MOMENTUM, fields={"dtype": "float16"}),
    Group(
        "cnn, sgd", 120, DIGITS, {"kind": "cnn", "channels": [4], "dense": [16]}, SGD,
        clips=(NO_CLIP, {"kind": "agc"}), inits=(KAIMING, LARGE), fields={"batch_size": 16}, is_stacked=False,
    ),
    Group(
        "cnn, adam", 120, DIGITS, {"kind": "cnn", "channels": [4], "dense": [16]}, ADAM,
        clips=(NO_CLIP, {"kind": "zclip"}), inits=(KAIMING,), rates=ADAPTIVE_RATES, is_stacked=False,
        fields={"batch_size": 16},
    ),
    Group(
        "rnn, sgd", 200, {"kind": "adding", "length": 20, "n": 1024}, {"kind": "rnn", "hidden": 16}, SGD,
        clips=(NO_CLIP, BY_NORM),
        inits=({"kind": "spectral_radius", "radius": 0.8}, {"kind": "spectral_radius", "radius": 1.5}),
        fields={"batch_size": 32},
    ),
    Group(
        "gru, adam", 150, {"kind": "temporal_order", "length": 20, "n": 1024}, {"kind": "gru", "hidden": 12},
        ADAM, clips=(NO_CLIP, BY_NORM), inits=(XAVIER,), rates=ADAPTIVE_RATES, fields={"batch_size": 32},
    ),
    Group(
        "transformer, adam", 150, {"kind": "modular_addition", "p": 11},
        {"kind": "transformer", "width": 16, "heads": 2, "layers": 1}, ADAM,
        clips=(NO_CLIP, BY_NORM), inits=(XAVIER, LARGE), rates=ADAPTIVE_RATES, fields={"batch_size": 32},
    ),
    Group(
        "transformer, sgd, post-norm", 150, {"kind": "copy_memory", "delay": 5, "n": 512},
        {"kind": "transformer", "width": 16, "heads": 2, "layers": 2, "norm_place": "post"}, SGD,
        clips=(NO_CLIP, BY_NORM), inits=(XAVIER,), fields={"batch_size": 16},
    ),
)  # fmt: skip
