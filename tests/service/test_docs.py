"""The guides name everything: each command and option, endpoint, kind of error and setting."""

import ast
import inspect
import re
from pathlib import Path
from types import ModuleType

import httpx
import pytest
import typer.main
from fastapi import FastAPI

from service import body, middleware, problems
from service.cli.app import app as cli
from service.cli.exits import EXIT_CODES
from service.routes import analysis, health
from service.settings import PREFIX, ServiceSettings

DOCS = Path(__file__).parents[2] / "docs"
CLI = (DOCS / "cli.md").read_text(encoding="utf-8")
API = (DOCS / "api.md").read_text(encoding="utf-8")
COMMANDS = typer.main.get_command(cli).commands  # type: ignore[attr-defined]


def section(command: str) -> str:
    """What the guide says under the heading that names the command."""
    found = re.search(rf"^### [^\n]*`gradsweep {command}\b.*?(?=^##)", CLI, re.DOTALL | re.MULTILINE)
    return found.group(0) if found else ""


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_a_section_with_all_its_options(command: str) -> None:
    text = section(command)
    assert text, f"docs/cli.md has no section on {command}"
    for parameter in COMMANDS[command].params:
        for option in parameter.opts:
            if option.startswith("-") and option != "--help":
                assert f"`{option}" in text, f"{option} of {command}"


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_that_prints_data_has_a_json_form(command: str) -> None:
    silent = {"up", "runner", "report", "delete"}
    options = {option for parameter in COMMANDS[command].params for option in parameter.opts}
    assert ("--json" in options) == (command not in silent)


def test_every_command_in_the_guide_exists() -> None:
    assert set(re.findall(r"gradsweep ([a-z]+)", CLI)) <= COMMANDS.keys()


@pytest.mark.parametrize("code", EXIT_CODES)
def test_every_exit_code_is_documented_in_the_same_words(code: int) -> None:
    assert f"| {code} | {EXIT_CODES[code]} |" in CLI


def test_every_endpoint_is_documented(api: httpx.Client) -> None:
    for path, methods in api.get("/openapi.json").json()["paths"].items():
        for method in methods:
            assert f"`{method.upper()} {path}`" in API, f"{method} {path}"


def test_every_endpoint_in_the_guide_exists(app: FastAPI, api: httpx.Client) -> None:
    paths = api.get("/openapi.json").json()["paths"]
    for method, path in re.findall(r"`(GET|POST|DELETE|PUT) (/[^`?]*)`", API):
        assert method.lower() in paths[path], f"{method} {path}"


@pytest.mark.parametrize("setting", ServiceSettings.model_fields)
def test_every_setting_is_documented(setting: str) -> None:
    assert f"`{PREFIX}{setting.upper()}`" in API


@pytest.mark.parametrize("module", [problems, body, analysis, health, middleware])
def test_every_kind_of_problem_that_the_code_names_is_documented(module: ModuleType) -> None:
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.keyword) and node.arg == "kind" and isinstance(node.value, ast.Constant):
            assert f"`urn:gradsweep:{node.value.value}`" in API
