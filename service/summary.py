"""What a sweep found, as text: map, edges, findings and recommendation one below the other."""

from sweeps.analysis import Analysis, analyze
from sweeps.ledger import Ledger
from sweeps.ledger.base import Sweep
from sweeps.report.terminal import (
    render_edges,
    render_findings,
    render_map,
    render_recommendation,
    render_trade_off,
)
from sweeps.spec import parse_spec


def analysis_of(sweep: Sweep, ledger: Ledger) -> Analysis:
    """The analysis of the trials that have ended."""
    return analyze(parse_spec(sweep.spec), ledger.all_trials(sweep.id), num_planned=sweep.num_trials)


def map_text(analysis: Analysis, *, width: int, color: bool) -> str:
    """The stability map alone."""
    return render_map(analysis, color=color, width=width) + "\n"


def summary_text(analysis: Analysis, *, width: int, color: bool) -> str:
    """Text for a terminal of `width` columns."""
    sections = {
        "Stability map": render_map(analysis, color=color, width=width),
        _edges_title(analysis): render_edges(analysis, width=width),
        "Objective against clearance": render_trade_off(analysis, width=width),
        "Findings": render_findings(analysis, width=width),
        "Recommendation": render_recommendation(analysis, width=width),
    }
    bold, plain = ("\x1b[1m", "\x1b[0m") if color else ("", "")
    shown = [f"{bold}{title}{plain}\n\n{text}" for title, text in sections.items() if text]
    return "\n\n".join(shown) + "\n"


def _edges_title(analysis: Analysis) -> str:
    """What the edges are along."""
    along = analysis.axis_edges
    if along is None:
        return "Largest stable learning rate"
    name = along.yardstick.last_stable
    return name[0].upper() + name[1:]
