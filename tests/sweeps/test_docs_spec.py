"""The spec's reference says everything that there is, and its examples run."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from sweeps.catalog import catalog
from sweeps.limits import Limits
from sweeps.plan import make_plan
from sweeps.plan_cost import OPERATIONS_PER_SECOND, PACK_SECONDS, START_SECONDS, UPDATE_SECONDS
from sweeps.search import DOMAIN_KEYS
from sweeps.spec import Objective, Resources, SpecError, SweepSpec, parse_spec

DOCS = Path(__file__).parents[2] / "docs"
REFERENCE = (DOCS / "spec.md").read_text(encoding="utf-8")
EXAMPLES = [
    pytest.param(block, id=f"{path.name}:{number}")
    for path in sorted(DOCS.rglob("*.md"))
    for number, block in enumerate(
        re.findall(r"```yaml\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)
    )
    if re.search(r"^workload:", block, re.MULTILINE)
]


@pytest.mark.parametrize("name", [*SweepSpec.model_fields, *Resources.model_fields, *Objective.model_fields])
def test_every_field_is_documented(name: str) -> None:
    assert f"`{name}`" in REFERENCE


@pytest.mark.parametrize("key", DOMAIN_KEYS)
def test_every_domain_is_documented(key: str) -> None:
    assert f"| `{key}: [" in REFERENCE


@pytest.mark.parametrize("family", ["search", "stopping"])
def test_every_search_and_stopping_kind_is_documented(family: str) -> None:
    kinds = next(entry.kinds for entry in catalog().families if entry.name == family)
    for entry in kinds:
        assert f"| `{{kind: {entry.kind}" in REFERENCE


@pytest.mark.parametrize("limit", fields(Limits), ids=lambda limit: limit.name)
def test_every_limit_is_documented_with_its_default(limit: object) -> None:
    name, default = getattr(limit, "name", ""), getattr(limit, "default", 0)
    assert f"| `{name}` | {default:,} |" in REFERENCE


def test_every_setting_without_a_kind_is_documented() -> None:
    for parameter in catalog().settings:
        assert f"`{parameter.name}`" in REFERENCE


def test_the_numbers_of_the_estimate_are_those_of_the_code() -> None:
    estimate = REFERENCE[REFERENCE.index("## Estimates") :]
    assert f"{UPDATE_SECONDS * 1e3:g} ms" in estimate
    rates = [rate / 1e9 for rate in OPERATIONS_PER_SECOND.values()]
    assert f"{min(rates):g} to {max(rates):g} billion" in " ".join(estimate.split())
    assert f"{START_SECONDS:g} s to start" in estimate
    assert f"{PACK_SECONDS:g} s a pack" in estimate


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_example_spec_parses_and_plans(text: str) -> None:
    assert make_plan(parse_spec(text)).trials


def test_the_counts_in_the_reference_are_those_of_its_examples() -> None:
    texts = [str(example.values[0]) for example in EXAMPLES]
    by_name = {plan.spec.name: plan for plan in (make_plan(parse_spec(text)) for text in texts)}
    first = by_name["clip-vs-lr"].summary(2)
    assert (first.num_configurations, first.num_trials, first.num_cells) == (64, 192, 4)
    assert by_name["threshold-of-each-rule"].num_configurations == 35


def test_the_problems_that_the_reference_shows_are_those_that_are_told() -> None:
    wrong, told = re.findall(r"```(?:yml|text)\n(.*?)```", REFERENCE, re.DOTALL)
    with pytest.raises(SpecError) as caught:
        parse_spec(wrong)
    assert str(caught.value) == told.strip()
