"""How configurations are chosen from the space of a sweep, by `kind`."""

from typing import Annotated

from pydantic import Field

from sweeps.search.base import Search
from sweeps.search.domains import DOMAIN_KEYS, DOMAINS, Axis, Domain, Listed, domain_key
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
    "GridSearch",
    "Listed",
    "RandomSearch",
    "Search",
    "SearchConfig",
    "SobolSearch",
    "Space",
    "domain_key",
]
