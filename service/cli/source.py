"""A spec as the command line names it: a file, standard input, or a preset."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import typer


@dataclass(frozen=True)
class Source:
    """What to send to the server: a spec's text, or a preset by name."""

    text: str
    media_type: str
    preset: str | None = None


def read_source(spec: str, small: bool) -> Source:
    """The source that `spec` names; a name without dot or slash that is no file is a preset."""
    if spec == "-":
        return _of_text(sys.stdin.read(), "-", small)
    path = Path(spec)
    if path.exists() and not path.is_dir():  # a pipe is as good as a file
        try:
            return _of_text(path.read_text(encoding="utf-8"), path.name, small)
        except (OSError, UnicodeDecodeError) as error:
            raise typer.BadParameter(f"{spec} cannot be read: {error}") from None
    if "/" in spec or "." in spec:
        raise typer.BadParameter(f"{spec} is a folder" if path.is_dir() else f"there is no file {spec}")
    body = json.dumps({"preset": spec, "small": small})
    return Source(body, "application/json", preset=spec)


def _of_text(text: str, name: str, small: bool) -> Source:
    if small:
        raise typer.BadParameter("--small is for presets; a spec says itself how large it is")
    media_type = "application/json" if name.endswith(".json") else "application/yaml"
    return Source(text, media_type)
