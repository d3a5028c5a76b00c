"""Commands that say what there is to sweep: presets, catalog. They need no server."""

import typer


def register(app: typer.Typer) -> None:
    """Add the commands to `app`."""
    app.command("presets")(presets)
    app.command("catalog")(catalog)
