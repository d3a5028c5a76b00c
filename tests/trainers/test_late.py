"""Modules that are imported when something of them is asked for."""

import subprocess
import sys

import pytest
import torch

from trainers.late import functional, late
from trainers.late import torch as late_torch


def test_what_stands_for_a_module_gives_what_the_module_has() -> None:
    assert late_torch.Tensor is torch.Tensor
    assert late_torch.func.vmap is torch.func.vmap
    assert functional.conv2d is torch.nn.functional.conv2d


def test_what_was_asked_for_is_kept() -> None:
    stand_in = late("math")
    assert "sqrt" not in vars(stand_in)
    assert stand_in.sqrt(4.0) == 2.0
    assert "sqrt" in vars(stand_in)


def test_what_a_module_lacks_is_lacking() -> None:
    with pytest.raises(AttributeError, match="'math' has no attribute 'tensor'"):
        late("math").tensor  # noqa: B018


def test_threads_that_ask_at_once_get_the_same() -> None:
    script = """
import sys
from concurrent.futures import ThreadPoolExecutor
from trainers.late import torch
assert "torch" not in sys.modules
with ThreadPoolExecutor(8) as threads:
    kinds = list(threads.map(lambda _: torch.zeros(1).add(1).tolist(), range(8)))
assert kinds == [[1.0]] * 8
"""
    subprocess.run([sys.executable, "-c", script], check=True)
