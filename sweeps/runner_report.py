"""What a sweep found, stored in the ledger once the sweep has ended."""

import logging
import time
from dataclasses import replace

from sweeps.analysis import analyze
from sweeps.analysis.clip_advice import advise_clip
from sweeps.errors import LedgerUnavailableError, NotFoundError
from sweeps.ledger import Ledger
from sweeps.ledger.base import ENDED
from sweeps.report import render_html, render_markdown, render_pngs, sample_numbers
from sweeps.spec import parse_spec

RECENT_SWEEPS = 50
"""How far back to look for a sweep whose runner died between its last trial and its report."""

logger = logging.getLogger(__name__)


def store_report(ledger: Ledger, sweep_id: str) -> bool:
    """Analyse a sweep and store its report; whether there is one now. A broken report breaks no sweep."""
    started = time.monotonic()
    try:
        if ledger.get_sweep(sweep_id).num_ended == 0:
            return False
        _store(ledger, sweep_id)
    except (LedgerUnavailableError, NotFoundError) as error:
        logger.warning("no report of sweep %s: %s", sweep_id, error)
        return False
    except Exception:
        logger.exception("the report of sweep %s could not be made", sweep_id)
        return False
    logger.info("report of sweep %s stored after %.1f s", sweep_id, time.monotonic() - started)
    return True


def _store(ledger: Ledger, sweep_id: str) -> None:
    sweep = ledger.get_sweep(sweep_id)
    trials = ledger.all_trials(sweep_id)
    analysis = analyze(parse_spec(sweep.spec), trials, num_planned=sweep.num_trials)
    numbers = sample_numbers(trials, analysis)
    curves = {number: ledger.get_trial(sweep_id, number).record.curves for number in numbers}
    analysis = replace(analysis, clip_advice=advise_clip(trials, curves))
    ledger.store_report(
        sweep_id,
        render_html(sweep, analysis, trials=trials, curves=curves),
        analysis.to_json(),
        markdown=render_markdown(sweep, analysis),
        files=render_pngs(analysis),
    )


def store_missing_reports(ledger: Ledger) -> int:
    """Make the reports that a runner owed when it died; returns how many."""
    recent = ledger.list_sweeps(limit=RECENT_SWEEPS).items
    ended = [sweep for sweep in recent if sweep.status in ENDED and sweep.num_ended]
    owed = [sweep for sweep in ended if ledger.get_analysis(sweep.id) is None]
    return sum(store_report(ledger, sweep.id) for sweep in owed)
