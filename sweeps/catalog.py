"""What can be swept, and how: the kinds of a trial with those of a sweep."""

from dataclasses import asdict, dataclass
from typing import Any

from sweeps.search import DOMAINS, Domain, Listed, SearchConfig
from sweeps.spec.blame import NOT_IN_BASE
from sweeps.spec.stopping import StoppingConfig
from trainers.catalogue import Family, Parameter, alternatives, catalogue, describe, parameters_of
from trainers.config import TrialConfig

SWEEP_FAMILIES: tuple[tuple[str, str, Any], ...] = (
    ("search", "How configurations are chosen.", SearchConfig),
    ("stopping", "Which trials end early.", StoppingConfig),
)
"""Name, which is also the place in a spec, summary, and tagged union."""


@dataclass(frozen=True)
class DomainEntry:
    """One domain: its key in an axis, what stands behind the key, and whether a grid search can list it."""

    key: str
    form: str
    summary: str
    is_listed: bool


@dataclass(frozen=True)
class Catalog:
    """Everything that a spec can name: kinds by family, domains of an axis, and settings without a kind."""

    families: tuple[Family, ...]
    domains: tuple[DomainEntry, ...]
    settings: tuple[Parameter, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain lists and mappings, strict JSON."""
        return asdict(self)


def catalog() -> Catalog:
    """What can be swept, with defaults, ranges and sources.

    >>> [domain.key for domain in catalog().domains]
    ['values', 'grid', 'log_grid', 'uniform', 'log_uniform', 'int_uniform']
    """
    trial_families = catalogue().families
    sweep_families = tuple(
        Family(name, name, summary, tuple(describe(kind) for kind in alternatives(union)))
        for name, summary, union in SWEEP_FAMILIES
    )
    with_kinds = {family.path for family in trial_families}
    return Catalog(
        families=(*trial_families, *sweep_families),
        domains=tuple(_domain(domain) for domain in DOMAINS),
        settings=tuple(
            parameter
            for parameter in parameters_of(TrialConfig)
            if parameter.name not in with_kinds and parameter.name not in NOT_IN_BASE
        ),
    )


def _domain(domain: type[Domain]) -> DomainEntry:
    return DomainEntry(
        key=domain.key,
        form=domain.model_fields[domain.key].description or "",
        summary=(domain.__doc__ or "").strip().splitlines()[0],
        is_listed=issubclass(domain, Listed),
    )
