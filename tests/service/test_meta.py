"""What there is to sweep, over HTTP."""

import httpx

from sweeps.spec import parse_spec


def test_presets_come_with_specs_that_are_valid(api: httpx.Client) -> None:
    presets = api.get("/v1/presets").json()["items"]
    assert presets
    for preset in presets:
        assert preset["title"]
        assert preset["description"]
        assert parse_spec(preset["spec"]).canonical() == preset["spec"]
        assert parse_spec(preset["small"]).canonical() == preset["small"]


def test_the_catalogue_lists_kinds_with_parameters_defaults_and_ranges(api: httpx.Client) -> None:
    families = {family["name"]: family for family in api.get("/v1/catalog").json()["families"]}
    clip = {kind["kind"]: kind for kind in families["clip"]["kinds"]}
    assert {"none", "value", "global_norm", "per_tensor_norm", "normalize"} <= clip.keys()
    (max_norm,) = clip["global_norm"]["parameters"]
    assert (max_norm["default"], max_norm["range"]) == (1.0, "(0, ∞)")


def test_the_schema_is_a_json_schema_of_a_spec(api: httpx.Client) -> None:
    schema = api.get("/v1/schema").json()
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert {"name", "axes", "seeds"} <= schema["properties"].keys()
