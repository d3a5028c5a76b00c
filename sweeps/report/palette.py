"""One colour, one letter and one phrase for each outcome, the same on every page, plot and terminal.

The colours are those of Okabe and Ito (2008), which people with any common form of colour blindness tell
apart; the letters say the same in print and without colour.
"""

from dataclasses import dataclass

from trainers.record import OUTCOMES, OutcomeName


@dataclass(frozen=True)
class OutcomeStyle:
    """How an outcome looks: `color` behind `ink` in pages and plots, `ansi` behind `ansi_ink` in a terminal.

    The two ANSI numbers are of the 256-colour palette. Contrast of letter and colour is at least 4.5.
    """

    color: str
    ink: str
    ansi: int
    ansi_ink: int
    letter: str
    phrase: str


PALETTE: dict[OutcomeName, OutcomeStyle] = {
    "stable": OutcomeStyle("#009e73", "#000000", 36, 16, "S", "trained, none of the below"),
    "spiky": OutcomeStyle("#f0e442", "#000000", 227, 16, "P", "trained, with loss spikes"),
    "oscillating": OutcomeStyle("#e69f00", "#000000", 214, 16, "O", "bounces instead of descending"),
    "stalled": OutcomeStyle("#56b4e9", "#000000", 74, 16, "T", "improved by less than 1 %"),
    "vanished": OutcomeStyle("#0072b2", "#ffffff", 25, 231, "V", "gradients died out"),
    "diverged": OutcomeStyle("#d55e00", "#000000", 166, 16, "D", "finite, but the loss grew"),
    "exploded": OutcomeStyle("#6e2a5b", "#ffffff", 53, 231, "X", "a number was no longer finite"),
    "failed": OutcomeStyle("#8c8c8c", "#000000", 245, 16, "F", "broken code or machine, left out"),
}
"""In the order of `trainers.record.OUTCOMES`. Okabe and Ito's purple is darkened, to read as the worst."""

SERIES: tuple[str, ...] = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c8c8c")
"""Colours for curves that are not outcomes, in this order; a dash pattern tells them apart in print."""

DASHES: tuple[str, ...] = ("", "6 3", "2 2", "8 3 2 3", "1 3", "10 4", "4 4 1 4")


def letter(outcome: OutcomeName | None) -> str:
    """The outcome's letter; a dot where nothing ended."""
    return "·" if outcome is None else PALETTE[outcome].letter


def legend() -> str:
    """All letters with their outcomes on one line."""
    return "  ".join(f"{PALETTE[name].letter} {name}" for name in OUTCOMES)
