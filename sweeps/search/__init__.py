"""How configurations are chosen from the space of a sweep, by `kind`."""

from typing import Annotated

from pydantic import Field

from sweeps.search.base import Search
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
from sweeps.search.grid import GridSearch
from sweeps.search.random import RandomSearch
from sweeps.search.sobol import SobolSearch
from sweeps.search.space import Assignment, Space

SearchConfig = Annotated[GridSearch | RandomSearch | SobolSearch, Field(discriminator="kind")]

__all__ = [
    "DOMAINS",
    "DOMAIN_KEYS",
    "Assignment",
    "Axis",
    "Domain",
    "Grid",
    "GridSearch",
    "IntUniform",
    "Listed",
    "LogGrid",
    "LogUniform",
    "RandomSearch",
    "Search",
    "SearchConfig",
    "SobolSearch",
    "Space",
    "Uniform",
    "Values",
    "domain_key",
]
