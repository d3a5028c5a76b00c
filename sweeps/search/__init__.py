"""How configurations are chosen from the space of a sweep, by `kind`."""

from typing import Annotated

from pydantic import Field

from sweeps.search.base import AdaptiveSearch, Search
from sweeps.search.clearance import clearances
from sweeps.search.domains import (
    DOMAIN_KEYS,
    DOMAINS,
    Axis,
    Domain,
    Grid,
    IntUniform,
    Listed,
    LogGrid,
    LogUniform,
    Uniform,
    Values,
    domain_key,
)
from sweeps.search.edge import EdgeSearch, Narrowing
from sweeps.search.grid import GridSearch
from sweeps.search.model_based import GpSearch, ModelSearch, TpeSearch
from sweeps.search.random import RandomSearch
from sweeps.search.scale import Scale
from sweeps.search.sobol import SobolSearch
from sweeps.search.space import Assignment, Space

SearchConfig = Annotated[
    GridSearch | RandomSearch | SobolSearch | EdgeSearch | TpeSearch | GpSearch,
    Field(discriminator="kind"),
]

ADAPTIVE_KINDS = frozenset({"edge", "tpe", "gp"})
"""Kinds of search that decide by what ends."""

__all__ = [
    "ADAPTIVE_KINDS",
    "DOMAINS",
    "DOMAIN_KEYS",
    "AdaptiveSearch",
    "Assignment",
    "Axis",
    "Domain",
    "EdgeSearch",
    "GpSearch",
    "Grid",
    "GridSearch",
    "IntUniform",
    "Listed",
    "LogGrid",
    "LogUniform",
    "ModelSearch",
    "Narrowing",
    "RandomSearch",
    "Scale",
    "Search",
    "SearchConfig",
    "SobolSearch",
    "Space",
    "TpeSearch",
    "Uniform",
    "Values",
    "clearances",
    "domain_key",
]
