"""What the form for a new sweep starts from."""

import html
import json
import re

import httpx
import pytest

from service.pages.new_page import preset_texts
from service.pages.spec_text import spec_text
from sweeps.ledger.base import Sweep
from sweeps.presets import list_presets, load_preset
from sweeps.spec import parse_spec


@pytest.mark.parametrize("name", [preset.name for preset in list_presets()])
def test_the_text_of_a_preset_is_the_preset(name: str) -> None:
    (texts,) = [entry for entry in preset_texts() if entry["name"] == name]
    assert parse_spec(texts["text"]) == load_preset(name)
    assert parse_spec(texts["small"]) == load_preset(name, small=True)


def test_a_canonical_spec_is_written_without_its_defaults_and_reads_back_equal(sweep: Sweep) -> None:
    text = spec_text(sweep.spec)
    assert parse_spec(text).canonical() == sweep.spec
    assert "objective" not in text
    assert "resources" not in text


def test_the_form_begins_with_the_sweep_or_the_preset_that_the_address_names(
    api: httpx.Client, sweep: Sweep
) -> None:
    def text(path: str) -> str:
        found = re.search(r"<textarea[^>]*>(.*?)</textarea>", api.get(path).text, re.DOTALL)
        assert found is not None
        return html.unescape(found.group(1))

    assert parse_spec(text("/new")).name == "digits-quick"
    assert parse_spec(text("/new?preset=mnist-clip-lr")).name == "mnist-clip-lr"
    assert parse_spec(text("/new?preset=absent")).name == "digits-quick"
    assert parse_spec(text(f"/new?from={sweep.id}")).canonical() == sweep.spec


def test_a_form_from_a_sweep_that_is_not_there_is_404(api: httpx.Client) -> None:
    assert api.get("/new?from=absent").status_code == 404


def test_the_presets_are_data_in_the_page_and_never_markup(api: httpx.Client) -> None:
    page = api.get("/new").text
    written = re.search(r'<script type="application/json" id="presets">(.*?)</script>', page, re.DOTALL)
    assert written is not None
    assert "<" not in written.group(1)
    assert [preset["name"] for preset in json.loads(written.group(1))] == [p.name for p in list_presets()]
