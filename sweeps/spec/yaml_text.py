"""A spec from YAML, event by event: no aliases, no tags, and a place for everything."""

from collections.abc import Iterator
from typing import Any

import yaml

from sweeps.limits import Limits
from sweeps.spec.problems import SpecError, SpecProblem, shown
from sweeps.spec.scalars import read_scalar
from sweeps.spec.tree import Mark, RawList, RawMapping, too_deep

ONE_DOCUMENT = "one YAML or JSON document"


def read_yaml(text: str, limits: Limits) -> Any:
    """Mappings, lists and scalars as read; raises `SpecError` with line and column on a syntax error."""
    try:
        return _build(_events(text), limits)
    except yaml.MarkedYAMLError as error:
        raise _refused(error.problem_mark or error.context_mark, error.problem, ONE_DOCUMENT) from None
    except yaml.YAMLError as error:
        raise _refused(None, str(error).splitlines()[0], ONE_DOCUMENT) from None


def _events(text: str) -> Iterator[yaml.Event]:
    events: Iterator[yaml.Event] = yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return events


def _build(events: Iterator[yaml.Event], limits: Limits) -> Any:
    """One pass with an explicit stack, so that depth costs nothing until it is refused."""
    builder = _Builder()
    num_documents = 0
    for event in events:
        if isinstance(event, yaml.DocumentStartEvent):
            num_documents += 1
            if num_documents > 1:
                raise _refused(event.start_mark, "a second document", ONE_DOCUMENT)
        elif isinstance(event, yaml.CollectionEndEvent):
            builder.close()
        elif isinstance(event, yaml.NodeEvent):
            builder.add(_value(event), _mark(event.start_mark))
            if len(builder.open) > limits.max_depth:
                raise _refused(event.start_mark, None, too_deep(limits))
    return builder.root


class _Builder:
    """Puts each node where it belongs: the open collections, and the keys that wait for their value."""

    def __init__(self) -> None:
        self.root: Any = None
        self.open: list[RawMapping | RawList] = []
        self._keys: list[tuple[Any, Mark | None] | None] = []

    def add(self, node: Any, mark: Mark | None) -> None:
        if not self.open:
            self.root = node
        elif isinstance(parent := self.open[-1], RawList):
            parent.items.append((node, mark))
        elif (key := self._keys[-1]) is None:
            self._keys[-1] = (node, mark)
        else:
            parent.pairs.append((key[0], node, key[1]))
            self._keys[-1] = None
        if isinstance(node, (RawMapping, RawList)):
            self.open.append(node)
            self._keys.append(None)

    def close(self) -> None:
        self.open.pop()
        self._keys.pop()


def _value(event: yaml.NodeEvent) -> Any:
    if isinstance(event, yaml.AliasEvent):
        raise _refused(event.start_mark, f"*{event.anchor}", "the value written out: a spec has no aliases")
    assert isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent))
    if event.tag is not None:
        raise _refused(event.start_mark, event.tag, "a value without a YAML tag")
    if isinstance(event, yaml.ScalarEvent):
        return read_scalar(event.value) if event.implicit[0] else event.value
    return RawMapping() if isinstance(event, yaml.MappingStartEvent) else RawList()


def _refused(mark: Any, found: Any, expected: str) -> SpecError:
    place = _mark(mark)
    line, column = (place.line, place.column) if place else (None, None)
    return SpecError([SpecProblem("", shown(found), expected, None, line, column)])


def _mark(mark: Any) -> Mark | None:
    return Mark(mark.line + 1, mark.column + 1) if mark else None
