import pytest

from sweeps.spec.parse import trial_settings


@pytest.mark.parametrize(
    "path",
    ["optimizer.lr", "clip.max_norm", "workload.model.hidden", "init.std", "clip", "clip.kind", "steps",
     "gradient", "gradient.0", "gradient.3.epsilon", "layer_lr", "layer_lr.output", "layer_lr.stage1.*"],
)  # fmt: skip
def test_settings_of_a_trial_and_of_its_kinds_are_known_by_dotted_path(path: str) -> None:
    assert trial_settings().knows(path)


@pytest.mark.parametrize(
    "path", ["seed", "lr", "optimizer.rl", "clip.max_norm.x", "", ".", "gradient.x.epsilon", "layer_lr."]
)
def test_other_paths_are_not_settings(path: str) -> None:
    assert not trial_settings().knows(path)


def test_a_setting_names_the_kinds_that_have_it() -> None:
    assert "global_norm" in trial_settings().kinds_with("clip.max_norm")
    assert "none" not in trial_settings().kinds_with("clip.max_norm")


def test_a_default_is_that_of_the_kind_that_holds_the_setting() -> None:
    settings = trial_settings()
    assert settings.default("steps", None) == 300
    assert settings.default("clip", None) == {"kind": "none"}
    assert settings.default("clip.max_norm", "global_norm") == 1.0
    assert settings.default("clip.max_norm", "none") is None
    assert settings.default("optimizer.lr", "sgd") is None
