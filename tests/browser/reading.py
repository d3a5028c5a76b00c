"""Reading the stability map as its users do: with the keyboard, and by its colours."""

import re

from playwright.sync_api import Page, expect

from sweeps.report.palette import PALETTE
from trainers.record import OutcomeName

PATIENCE_MILLISECONDS = 60_000


def wait_for_map(page: Page) -> None:
    expect(page.locator("#map")).to_have_attribute("aria-busy", "false", timeout=PATIENCE_MILLISECONDS)


def read_row(page: Page, row: int, panel: int = 0) -> list[str]:
    """What is read out of each square of a row, walking from its beginning to its end."""
    page.locator("#map canvas").nth(panel).focus()
    page.keyboard.press("Control+Home")
    for _ in range(row):
        page.keyboard.press("ArrowDown")
    found = [readout(page)]
    while True:
        page.keyboard.press("ArrowRight")
        if readout(page) == found[-1]:
            return found
        found.append(readout(page))


def readout(page: Page) -> str:
    return page.locator("#readout").inner_text()


def outcomes(texts: list[str]) -> list[str]:
    """The outcomes in each text, joined by + where a square has several."""
    return ["+".join(re.findall(r"\d+ ([a-z]+)(?=[,.])", text.split(" Row: ")[0])) for text in texts]


def colours_of(page: Page, panel: int = 0) -> set[OutcomeName]:
    """The outcomes whose colour covers at least twenty pixels of a panel's canvas."""
    script = """canvas => {
        const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        const counts = {};
        for (let i = 0; i < data.length; i += 4) {
            const colour = "#" + [0, 1, 2].map((k) => data[i + k].toString(16).padStart(2, "0")).join("");
            counts[colour] = (counts[colour] || 0) + 1;
        }
        return Object.keys(counts).filter((colour) => counts[colour] >= 20);
    }"""
    colours = page.locator("#map canvas").nth(panel).evaluate(script)
    return {name for name, look in PALETTE.items() if look.color in colours}
