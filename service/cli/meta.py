"""Commands that say what there is to sweep: presets, catalog. They need no server."""

from typing import TYPE_CHECKING, Annotated

import typer
import yaml
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from service.cli.options import JsonOption, SmallOption
from service.cli.output import out, print_json
from service.pages.labels import duration_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sweeps.catalog import Catalog
    from trainers.catalogue import KindEntry, Parameter


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("presets")(presets)
    app.command("catalog")(catalog)


def presets(
    name: Annotated[str | None, typer.Argument(help="Print this preset's spec, to edit and submit.")] = None,
    small: SmallOption = False,
    as_json: JsonOption = False,
) -> None:
    """List the sweeps that come with gradsweep, or print the spec of one."""
    from sweeps.presets import find_preset, list_presets

    if name is not None:
        spec = find_preset(name).sweep_spec(small=small).canonical()
        if as_json:
            print_json(spec)
        else:
            out.file.write(yaml.safe_dump(spec, sort_keys=False, default_flow_style=None, width=100))
        return
    found = list_presets()
    if as_json:
        print_json([preset.to_json() for preset in found])
        return
    table = Table("preset", "what it shows", "on 2 cores", "--small", box=None, pad_edge=False)
    for preset in found:
        times = (duration_label(preset.seconds.full), duration_label(preset.seconds.small))
        table.add_row(f"[bold]{escape(preset.name)}[/]", escape(preset.title), *times)
    out.print(table)


def catalog(
    family: Annotated[str | None, typer.Argument(help="Only this family, for example clip.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List everything that a spec can name, with parameters, ranges, defaults and sources."""
    from sweeps.catalog import Catalog
    from sweeps.catalog import catalog as read_catalog

    found = read_catalog()
    names = [entry.name for entry in found.families]
    if family is not None and family not in names:
        raise typer.BadParameter(f"{family!r} is no family; there are {', '.join(names)}")
    if family is not None:
        found = Catalog(tuple(entry for entry in found.families if entry.name == family), (), ())
    if as_json:
        print_json(found.to_json())
        return
    for entry in found.families:
        _show_kinds(entry.path, entry.summary, entry.kinds)
    if family is None:
        _show_rest(found)


def _show_rest(found: "Catalog") -> None:
    """Domains and settings, which belong to no family."""
    out.print(_heading("axes", "Domains of an axis."))
    for domain in found.domains:
        form = f"[cyan]{escape(domain.key)}[/]: {escape(domain.form)}"
        out.print(Padding(f"{form}  [dim]{escape(domain.summary)}[/]", (0, 0, 0, 2)))
    out.print()
    out.print(_heading("base", "Settings without a kind."))
    out.print(_parameters(found.settings))


def _show_kinds(path: str, summary: str, kinds: "Sequence[KindEntry]") -> None:
    out.print(_heading(path, summary))
    for kind in kinds:
        source = f"  [dim]{escape(kind.source)}[/]" if kind.source else ""
        out.print(Padding(f"[cyan]{escape(kind.kind)}[/]  {escape(kind.summary)}{source}", (0, 0, 0, 2)))
        if kind.caution:
            out.print(Padding(f"[yellow]{escape(kind.caution)}[/]", (0, 0, 0, 6)))
        if kind.parameters:
            out.print(_parameters(kind.parameters))
    out.print()


def _heading(path: str, summary: str) -> str:
    return f"[bold]{escape(path)}[/]  [dim]{escape(summary)}[/]"


def _parameters(parameters: "Sequence[Parameter]") -> Padding:
    table = Table.grid(padding=(0, 2))
    for parameter in parameters:
        default = "" if parameter.required else f"= {parameter.default}"
        choices = " | ".join(str(choice) for choice in parameter.choices)
        kind = f"{choices or parameter.type} {parameter.range}".strip()
        table.add_row(
            escape(parameter.name), escape(default), escape(kind), f"[dim]{escape(parameter.description)}[/]"
        )
    return Padding(table, (0, 0, 0, 6))
