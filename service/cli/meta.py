"""Commands that say what there is to sweep: presets, catalog. They need no server."""

from typing import TYPE_CHECKING, Annotated

import typer
import yaml
from rich.markup import escape
from rich.table import Table

from service.cli.options import JsonOption, SmallOption
from service.cli.output import out, print_json

if TYPE_CHECKING:
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
    table = Table("preset", "what it shows", box=None, pad_edge=False)
    for preset in found:
        table.add_row(f"[bold]{escape(preset.name)}[/]", escape(preset.title))
    out.print(table)


def catalog(
    family: Annotated[str | None, typer.Argument(help="Only this family, for example clip.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List everything that a spec can name, with parameters, ranges, defaults and sources."""
    from sweeps.catalog import catalog as read_catalog

    found = read_catalog()
    names = [entry.name for entry in found.families]
    if family is not None and family not in names:
        raise typer.BadParameter(f"{family!r} is no family; there are {', '.join(names)}")
    families = [entry for entry in found.families if family in (None, entry.name)]
    if as_json:
        whole = found.to_json()
        kept = [entry for entry in whole["families"] if family in (None, entry["name"])]
        print_json(whole | {"families": kept} if family is None else {"families": kept})
        return
    for entry in families:
        out.print(f"[bold]{entry.path}[/]  [dim]{escape(entry.summary)}[/]")
        _show_kinds(entry.kinds)
    if family is None:
        out.print("[bold]domains of an axis[/]")
        _show_kinds(found.domains)
        out.print("[bold]settings without a kind[/]")
        for setting in found.settings:
            out.print(f"  {_parameter(setting)}  [dim]{escape(setting.description)}[/]")


def _show_kinds(kinds: "tuple[KindEntry, ...]") -> None:
    for kind in kinds:
        source = f"  [dim]{escape(kind.source)}[/]" if kind.source else ""
        out.print(f"  [cyan]{escape(kind.kind)}[/]  {escape(kind.summary)}{source}")
        for parameter in kind.parameters:
            out.print(f"      {_parameter(parameter)}  [dim]{escape(parameter.description)}[/]")
    out.print()


def _parameter(parameter: "Parameter") -> str:
    default = "" if parameter.required else f" = {parameter.default}"
    choices = " | ".join(str(choice) for choice in parameter.choices)
    bounds = f" in {parameter.range}" if parameter.range else ""
    return escape(f"{parameter.name}{default} ({choices or parameter.type}{bounds})")
