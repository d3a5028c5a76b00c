"""Elements of pages and drawings as escaped markup."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from markupsafe import Markup, escape


def el(name: str, *children: Any, **attributes: Any) -> Markup:
    """An element; `class_` stands for `class`, underscores for hyphens, None leaves an attribute out.

    >>> el("text", "a < b", x=1.0, text_anchor="end")
    Markup('<text x="1" text-anchor="end">a &lt; b</text>')
    """
    written = "".join(
        [
            f' {_attribute(key)}="{_escaped(pixels(value))}"'
            for key, value in attributes.items()
            if value is not None
        ]
    )
    return Markup(f"<{name}{written}>{''.join(map(_escaped, children))}</{name}>")


def join(parts: Iterable[Any]) -> Markup:
    """Parts one after another; plain text is escaped."""
    return Markup("".join(map(_escaped, parts)))


def table(head: Sequence[str], rows: Iterable[Sequence[Any]], class_: str = "") -> Markup:
    """A table whose first column names its rows; columns of `head` that end in `#` hold numbers."""
    numeric = ["num" if name.endswith("#") else None for name in head]
    names = [
        el("th", name.rstrip("#"), class_=kind, scope="col") for name, kind in zip(head, numeric, strict=True)
    ]
    body = [
        el("tr", *(_cell(index, value, numeric[index]) for index, value in enumerate(row))) for row in rows
    ]
    written = el("table", el("thead", el("tr", *names)), el("tbody", *body), class_=class_ or None)
    return el("div", written, class_="scroll")


def figure(drawing: Markup, caption: str = "") -> Markup:
    """A drawing with what to see in it; it scrolls sideways where the page is narrow."""
    words = [el("figcaption", caption)] if caption else []
    return el("figure", el("div", drawing, class_="scroll"), *words)


def pixels(value: Any) -> Any:
    """Numbers at a tenth of a pixel: finer only makes pages larger."""
    if not isinstance(value, float):
        return value
    rounded = round(value, 1)
    return int(rounded) if rounded.is_integer() else rounded


@cache
def _attribute(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _escaped(value: Any) -> str:
    """What stands in a page for `value`; a drawing has thousands, so what needs no look gets none."""
    kind = type(value)
    if kind is Markup:
        return value  # type: ignore[no-any-return]
    return str(value) if kind is float or kind is int else escape(value)


def _cell(index: int, value: Any, kind: str | None) -> Markup:
    return el("td", value, class_=kind) if index else el("th", value, scope="row")
