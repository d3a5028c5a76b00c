"""Whether a stopping rule fits the rest of the spec."""

from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter

from sweeps.search import EdgeSearch, SearchConfig
from sweeps.spec.problems import SpecProblem
from sweeps.spec.stopping import NoStopping, StoppingConfig
from sweeps.spec.strictly import accepted


def stopping_problems(tree: dict[str, Any], search: SearchConfig) -> Iterator[SpecProblem]:
    """What keeps the rule of an unchecked spec from working, as far as its parts are sound by themselves."""
    adapter: TypeAdapter[StoppingConfig] = TypeAdapter(StoppingConfig)
    stopping = accepted(adapter, tree.get("stopping"))
    if stopping is None or isinstance(stopping, NoStopping):
        return
    if isinstance(search, EdgeSearch):
        expected = "none: an edge needs the outcome of every trial at its last step"
        yield SpecProblem("stopping.kind", stopping.kind, expected)
    resources = tree.get("resources", {})
    pack = resources.get("pack", "auto") if isinstance(resources, dict) else 1
    if stopping.between_packs and pack != 1:
        expected = f"1, since {stopping.kind} compares packs with each other; halving compares inside them"
        yield SpecProblem("resources.pack", pack, expected)
