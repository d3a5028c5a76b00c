"""What the parts of a stack are told."""

from pathlib import Path

import pytest

from service.stack.plans import StackContext, runner_plan
from service.stack.state import StateDir


def context(folder: Path, **environ: str) -> StackContext:
    return StackContext(StateDir(folder), "stack", "127.0.0.1", 8123, 5123, environ)


@pytest.mark.parametrize(
    ("environ", "page"),
    [({}, "http://127.0.0.1:8123"), ({"GRADSWEEP_PAGE_URL": "https://proxy/"}, "https://proxy/")],
)
def test_runs_in_mlflow_link_to_the_stacks_page_unless_the_user_names_another(
    tmp_path: Path, environ: dict[str, str], page: str
) -> None:
    assert runner_plan(context(tmp_path, **environ), 1).env["GRADSWEEP_PAGE_URL"] == page
