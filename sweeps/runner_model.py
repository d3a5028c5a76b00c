"""The model that a sweep's spec asks to have registered, trained and stored beside the sweep's report."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from sweeps.analysis import analyze
from sweeps.errors import LedgerUnavailableError, NotFoundError
from sweeps.ledger import Ledger
from sweeps.ledger.base import StoredReport, Sweep
from sweeps.model_choice import choose, make_version, readme
from sweeps.model_version import FOLDER, NOTE_FILE, VERSION_FILE, asks_for_model, has_answer
from sweeps.runner_report import RECENT_SWEEPS
from sweeps.spec import parse_spec
from trainers.config import TrialConfig
from trainers.trial import PackTrial

if TYPE_CHECKING:
    from trainers.once import Trained

Train: TypeAlias = "Callable[[PackTrial], Trained | None]"
"""Trains one trial somewhere; None when it was told to stop."""

logger = logging.getLogger(__name__)


def store_model(ledger: Ledger, sweep_id: str, train: Train) -> bool:
    """Train and store the model that a sweep owes, or say why there is none; whether something was stored.

    What breaks training becomes the reason, and breaks no sweep. A sweep owes nothing before its report.
    """
    try:
        sweep = ledger.get_sweep(sweep_id)
        report = _unanswered(ledger, sweep)
        answered = None if report is None else _answered(ledger, sweep, report, train)
        if answered is None:
            return False
        html, analysis = answered.html, answered.analysis
        ledger.store_report(sweep_id, html, analysis, markdown=answered.markdown, files=answered.files)
    except (LedgerUnavailableError, NotFoundError) as error:
        logger.warning("no model of sweep %s: %s", sweep_id, error)
        return False
    return True


def store_missing_models(ledger: Ledger, train: Train) -> int:
    """Make the models that a runner owed when it ended; returns how many sweeps were answered."""
    recent = ledger.list_sweeps(limit=RECENT_SWEEPS).items
    return sum(store_model(ledger, sweep.id, train) for sweep in recent if asks_for_model(sweep))


def _unanswered(ledger: Ledger, sweep: Sweep) -> StoredReport | None:
    """The report of a sweep that owes a model."""
    report = ledger.get_stored_report(sweep.id) if asks_for_model(sweep) else None
    return None if report is None or has_answer(report) else report


def _answered(ledger: Ledger, sweep: Sweep, report: StoredReport, train: Train) -> StoredReport | None:
    """The report with the model's files, or with the reason why there is none; None when told to stop."""
    name = str(sweep.spec["register_model"])
    try:
        files = _files(ledger, sweep, name, train)
    except (LedgerUnavailableError, NotFoundError):
        raise
    except Exception as error:
        logger.exception("the model of sweep %s could not be trained", sweep.id)
        files = _refusal(name, f"training it once more failed with {type(error).__name__}: {error}")
    if files is None:
        return None
    says = files[NOTE_FILE].decode() if VERSION_FILE not in files else f"Registered as model `{name}`.\n"
    return replace(report, markdown=f"{says}\n{report.markdown}", files=report.files | files)


def _files(ledger: Ledger, sweep: Sweep, name: str, train: Train) -> dict[str, bytes] | None:
    trials = ledger.all_trials(sweep.id)
    found = analyze(parse_spec(sweep.spec), trials, num_planned=sweep.num_trials).recommendation
    choice = choose(found, trials)
    if choice is None:
        return _refusal(name, found.text())
    trial = PackTrial(choice.trial.number, TrialConfig.model_validate(choice.trial.config))
    trained = train(trial)
    if trained is None:
        return None
    from trainers.saved_model import model_files  # here, since it imports torch

    version = make_version(name, choice, trained)
    files = {f"{FOLDER}/{file}": data for file, data in model_files(trained).items()}
    return files | {VERSION_FILE: version.model_dump_json().encode(), NOTE_FILE: readme(version).encode()}


def _refusal(name: str, reason: str) -> dict[str, bytes]:
    return {NOTE_FILE: f"Nothing was registered as model `{name}`: {reason}\n".encode()}
