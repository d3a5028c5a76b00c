from copy import deepcopy
from typing import Any

from sweeps.spec.composer import Composer
from sweeps.spec.parse import trial_settings

WORKLOAD: dict[str, Any] = {"data": {"kind": "digits"}, "model": {"kind": "mlp", "hidden": [16]}}
BASE: dict[str, Any] = {
    "optimizer": {"kind": "sgd", "lr": 0.1},
    "gradient": [{"kind": "constant_offset", "epsilon": 1}],
}


def composer() -> Composer:
    return Composer(deepcopy(WORKLOAD), deepcopy(BASE), trial_settings())


def test_an_assignment_is_laid_over_what_is_shared() -> None:
    config = composer().compose({"optimizer.lr": 1, "workload.model.hidden": [8, 8], "steps": 7})
    assert config["optimizer"] == {"kind": "sgd", "lr": 1}
    assert config["workload"] == {"data": {"kind": "digits"}, "model": {"kind": "mlp", "hidden": [8, 8]}}
    assert config["steps"] == 7


def test_composing_leaves_the_shared_part_alone() -> None:
    made = composer()
    made.compose({"optimizer.lr": 1, "gradient.0.epsilon": 2})
    assert made.shared == {"workload": WORKLOAD, **BASE}


def test_a_kind_is_set_before_its_parameters_whatever_the_order() -> None:
    clip = {"kind": "global_norm", "max_norm": 1}
    first = composer().compose({"clip.max_norm": 5, "clip": clip})
    assert first["clip"] == {"kind": "global_norm", "max_norm": 5}
    assert clip["max_norm"] == 1


def test_a_parameter_without_its_kind_joins_the_default_kind() -> None:
    assert composer().compose({"clip.max_norm": 5})["clip"] == {"kind": "none", "max_norm": 5}


def test_a_position_in_a_list_can_be_set() -> None:
    assert composer().compose({"gradient.0.epsilon": 2})["gradient"] == [
        {"kind": "constant_offset", "epsilon": 2}
    ]
    assert composer().compose({"gradient.1.epsilon": 2})["gradient"] == [*BASE["gradient"], {"epsilon": 2}]


def test_a_setting_that_cannot_hold_a_path_is_left_for_validation_to_refuse() -> None:
    made = Composer(WORKLOAD, {"clip": "none", "init": None}, trial_settings())
    assert made.compose({"clip.max_norm": 1})["clip"] == "none"
    assert made.compose({"init.std": 1})["init"] is None


def test_a_setting_is_looked_up_as_assigned_then_shared_then_by_default() -> None:
    made = composer()
    assert made.setting({"clip": {"kind": "value", "max_value": 1}}, "clip.kind") == "value"
    assert made.setting({"clip": {"kind": "global_norm"}, "clip.max_norm": 3}, "clip.max_norm") == 3
    assert made.setting({"clip": {"kind": "global_norm"}}, "clip.max_norm") == 1.0
    assert made.setting({}, "optimizer.lr") == 0.1
    assert made.setting({}, "clip.kind") == "none"
    assert made.setting({}, "clip.max_norm") is None
    assert made.setting({}, "steps") == 300


def test_a_free_name_may_hold_dots() -> None:
    made = composer()
    assignment = {"layer_lr": {"output": 1}, "layer_lr.block1.mlp": 0.3}
    assert made.compose(assignment)["layer_lr"] == {"output": 1, "block1.mlp": 0.3}
    assert made.setting(assignment, "layer_lr.block1.mlp") == 0.3
    assert made.setting(assignment, "layer_lr.output") == 1
    assert made.setting({}, "layer_lr.output") is None
