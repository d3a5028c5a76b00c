"""Exit codes of the command, and how an error is shown."""

from typing import Any

import typer
from rich.markup import escape
from typer.core import TyperGroup

from service.cli.output import errors
from service.client import RequestRefusedError
from service.errors import ServerUnreachableError, ServiceError, SweepFailedError
from sweeps.errors import SweepError

OK = 0
FAILED = 1
USAGE = 2
INVALID_SPEC = 3
UNREACHABLE = 4
SWEEP_NOT_COMPLETED = 5
INTERRUPTED = 130

EXIT_CODES = {
    OK: "done",
    FAILED: "something went wrong; the message says what",
    USAGE: "the command line cannot be understood",
    INVALID_SPEC: "the spec has problems; each is listed",
    UNREACHABLE: "no server answers",
    SWEEP_NOT_COMPLETED: "the sweep that was waited for failed or was cancelled",
    INTERRUPTED: "ended by Ctrl-C",
}


class Group(TyperGroup):
    """A group of commands that shows our own errors as one message and the right exit code."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; an error of ours becomes a message on standard error."""
        try:
            return super().invoke(ctx)
        except (ServiceError, SweepError) as error:
            show_error(error)
            raise typer.Exit(exit_code(error)) from None


def exit_code(error: Exception) -> int:
    """Which exit code an error stands for."""
    if isinstance(error, ServerUnreachableError):
        return UNREACHABLE
    if isinstance(error, SweepFailedError):
        return SWEEP_NOT_COMPLETED
    if isinstance(error, RequestRefusedError):
        kind = str(error.problem.get("type")).rpartition(":")[2]
        return {"invalid-spec": INVALID_SPEC, "invalid-request": USAGE}.get(kind, FAILED)
    return INVALID_SPEC if hasattr(error, "problems") else FAILED


def show_error(error: Exception) -> None:
    """Print what went wrong; a spec's problems one by one."""
    problems: list[Any] = list(getattr(error, "problems", []))
    if isinstance(error, RequestRefusedError):
        problems = error.problem.get("problems") or []
    if not problems:
        errors.print(f"[bold red]error:[/] {escape(str(error))}")
        return
    errors.print(f"[bold red]{len(problems)} problem(s):[/]")
    for problem in problems:
        show_problem(problem if isinstance(problem, dict) else vars(problem))


def show_problem(problem: dict[str, Any]) -> None:
    """One problem: where, what was found, what was expected, what was probably meant."""
    place = problem["path"] or "spec"
    if problem.get("line"):
        place += f" (line {problem['line']}, column {problem['column']})"
    errors.print(f"  [bold]{escape(place)}[/]")
    if problem.get("value") is not None:
        errors.print(f"    found     {escape(repr(problem['value']))}")
    errors.print(f"    expected  {escape(problem['expected'])}")
    if problem.get("nearest"):
        errors.print(f"    nearest   [green]{escape(str(problem['nearest']))}[/]")
