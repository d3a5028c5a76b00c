"""Everything that a trial config can name, read off the classes themselves."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from trainers.clipping import ClipConfig
from trainers.data import DataConfig
from trainers.gradients import GradientConfig
from trainers.initializers import InitializerConfig
from trainers.kinds import Kind
from trainers.models import ModelConfig
from trainers.optimizers import OptimizerConfig
from trainers.regularisers import RegulariserConfig
from trainers.schedules import ScheduleConfig

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
Schema = Mapping[str, Any]
"""A pydantic JSON schema; its values are whatever JSON Schema allows there."""

FAMILIES: tuple[tuple[str, str, str, Any], ...] = (
    ("data", "workload.data", "What is learnt from.", DataConfig),
    ("model", "workload.model", "What is trained.", ModelConfig),
    ("optimizer", "optimizer", "How gradients become updates.", OptimizerConfig),
    ("schedule", "schedule", "How the learning rate changes during a run.", ScheduleConfig),
    ("clip", "clip", "What bounds the gradient before the update.", ClipConfig),
    ("gradient", "gradient", "What is done to gradients before clipping, in order.", GradientConfig),
    ("init", "init", "How parameters start.", InitializerConfig),
    ("regulariser", "regularisers", "What is added to the loss or drawn during training.", RegulariserConfig),
)
"""Name, place in a spec, summary, and tagged union of each family."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a kind; `range` is an interval such as `(0, 1]`, empty when there are no bounds."""

    name: str
    type: str
    required: bool
    default: JsonValue
    range: str
    choices: tuple[JsonValue, ...]
    description: str


@dataclass(frozen=True)
class KindEntry:
    """One kind. `solo_reason` says why its trials run one after another; it is empty when they stack."""

    kind: str
    summary: str
    parameters: tuple[Parameter, ...]
    source: str
    caution: str
    stacks: bool
    solo_reason: str


@dataclass(frozen=True)
class Family:
    """All kinds that can stand at `path` in a spec's `base`."""

    name: str
    path: str
    summary: str
    kinds: tuple[KindEntry, ...]


@dataclass(frozen=True)
class Catalogue:
    """Every family of kinds."""

    families: tuple[Family, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain lists and mappings, strict JSON."""
        return asdict(self)

    def family(self, name: str) -> Family:
        """The family called `name`; raises `KeyError` when there is none."""
        return {family.name: family for family in self.families}[name]


@cache
def catalogue() -> Catalogue:
    """What can be swept, with defaults, ranges and sources; made once, in 50 ms.

    >>> [entry.kind for entry in catalogue().family("clip").kinds][:2]
    ['none', 'value']
    """
    return Catalogue(
        tuple(
            Family(name, path, summary, tuple(describe(kind) for kind in alternatives(union)))
            for name, path, summary, union in FAMILIES
        )
    )


def alternatives(union: Any) -> Iterator[type[Kind]]:
    """The kinds of a tagged union in the order it lists them; a lone class is a union of one."""
    if isinstance(union, type):
        yield union
    elif get_origin(union) in (Union, UnionType):
        for member in get_args(union):
            yield from alternatives(member)
    else:
        yield from alternatives(get_args(union)[0])  # Annotated[union, ...]


def describe(kind: type[Kind]) -> KindEntry:
    """The entry of one kind."""
    return KindEntry(
        kind=str(kind.model_fields["kind"].default),
        summary=(kind.__doc__ or "").strip().splitlines()[0],
        parameters=tuple(parameter for parameter in parameters_of(kind) if parameter.name != "kind"),
        source=kind.source,
        caution=kind.caution,
        stacks=not kind.solo_reason,
        solo_reason=kind.solo_reason,
    )


def parameters_of(model: type[BaseModel]) -> tuple[Parameter, ...]:
    """Every field of a model as a parameter, in order."""
    schema = model.model_json_schema()
    required = schema.get("required", [])
    definitions = schema.get("$defs", {})
    return tuple(
        _parameter(name, _resolved(value, definitions), name in required)
        for name, value in schema["properties"].items()
    )


def _parameter(name: str, schema: Schema, required: bool) -> Parameter:
    return Parameter(
        name=name,
        type=_type_name(schema),
        required=required,
        default=schema.get("default"),
        range=_range(schema),
        choices=_choices(schema),
        description=schema.get("description", ""),
    )


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    reference = schema.get("$ref")
    return {**definitions[reference.rsplit("/", 1)[-1]], **schema} if reference else schema


def _type_name(schema: Schema) -> str:
    if "anyOf" in schema:
        return " or ".join(_type_name(option) for option in schema["anyOf"])
    if "const" in schema or "enum" in schema:
        return "choice"
    if schema.get("type") == "array":
        return f"list of {_type_name(schema.get('items', {}))}"
    if schema.get("additionalProperties"):
        return f"names with {_type_name(schema['additionalProperties'])}"
    name = str(schema.get("type", "any"))
    return "none" if name == "null" else name


def _range(schema: Schema) -> str:
    inner = [schema.get("items", {}), schema.get("additionalProperties") or {}]
    bounded = [schema, *inner, *schema.get("anyOf", [])]
    return next(filter(None, map(_interval, bounded)), "")


def _interval(schema: Schema) -> str:
    lower, upper = _bound(schema, "inimum"), _bound(schema, "aximum")
    if lower is None and upper is None:
        return ""
    left = f"({lower[0]:g}" if lower and lower[1] else f"[{lower[0]:g}" if lower else "(−∞"
    right = f"{upper[0]:g})" if upper and upper[1] else f"{upper[0]:g}]" if upper else "∞)"
    return f"{left}, {right}"


def _bound(schema: Schema, stem: str) -> tuple[float, bool] | None:
    """The bound and whether it is excluded; `stem` is what minimum and exclusiveMinimum share."""
    for key, excluded in ((f"exclusiveM{stem}", True), (f"m{stem}", False)):
        if key in schema:
            return schema[key], excluded
    return None


def _choices(schema: Schema) -> tuple[JsonValue, ...]:
    options: Sequence[Schema] = schema.get("anyOf", [schema])
    return tuple(
        value
        for option in options
        for value in ([option["const"]] if "const" in option else option.get("enum", []))
    )
