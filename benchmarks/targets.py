"""What was set out to be reached on two cores: how many times gradsweep's wall time a contestant takes."""

TARGETS: dict[str, dict[str, float]] = {
    "digits_mlp_128": {
        "ray_tune_documented": 70,
        "ray_tune_tuned": 3,
        "optuna_processes": 2.5,
        "bare_loop": 1.0,
    },
    "digits_mlp_1024": {
        "ray_tune_documented": 120,
        "ray_tune_tuned": 5,
        "optuna_processes": 4,
        "bare_loop": 1 / 0.7,
    },
    "rnn50_64": {"ray_tune_documented": 20, "bare_loop": 1 / 0.4},
    "cnn28_16": {"ray_tune_documented": 1.5, "bare_loop": 1 / 1.1},
}
"""By case and contestant."""
