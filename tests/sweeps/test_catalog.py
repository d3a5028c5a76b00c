import json

from sweeps.catalog import catalog
from sweeps.search import DOMAIN_KEYS


def test_the_catalog_names_searches_stopping_rules_and_every_family_of_a_trial() -> None:
    families = {family.name: family for family in catalog().families}
    assert [entry.kind for entry in families["search"].kinds] == [
        "grid",
        "random",
        "sobol",
        "edge",
        "tpe",
        "gp",
    ]
    assert [entry.kind for entry in families["stopping"].kinds] == [
        "none",
        "halving",
        "asha",
        "median",
    ]
    assert {"clip", "init", "optimizer", "model", "data", "schedule"} <= families.keys()


def test_the_catalog_names_every_domain_with_its_form() -> None:
    domains = {entry.key: entry for entry in catalog().domains}
    assert tuple(domains) == DOMAIN_KEYS
    assert all(entry.summary and entry.form for entry in domains.values())
    assert domains["log_grid"].is_listed
    assert not domains["log_uniform"].is_listed


def test_the_catalog_names_settings_that_have_no_kind() -> None:
    settings = {parameter.name: parameter for parameter in catalog().settings}
    assert settings["steps"].default == 300
    assert {"batch_size", "dtype", "accumulate"} <= settings.keys()
    assert not {"seed", "workload", "optimizer", "clip"} & settings.keys()
    assert (settings["layer_lr"].type, settings["layer_lr"].range) == ("names with number", "[0, 1e+12]")


def test_the_catalog_is_strict_json() -> None:
    assert json.loads(json.dumps(catalog().to_json(), allow_nan=False))["families"]
