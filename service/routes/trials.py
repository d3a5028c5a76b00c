"""Ended trials of a sweep, one by one and in pages."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import JSONResponse

from service.dependencies import LedgerDep, SettingsDep, SweepDep
from service.numbers import finite_json
from service.routes.paging import TrialQueryDep
from service.schemas import CurvesAnswer, Listing, TrialAnswer, TrialDetail
from service.summary import analysis_of
from service.views import curves_answer, listing, trial_answer, trial_detail
from sweeps.analysis import explain

TrialNumber = Annotated[int, Path(ge=0, lt=2**31)]
router = APIRouter(prefix="/v1/sweeps/{sweep_id}/trials", tags=["trials"])


@router.get("")
def list_trials(
    sweep: SweepDep, query: TrialQueryDep, ledger: LedgerDep, settings: SettingsDep
) -> Listing[TrialAnswer]:
    """Ended trials, a page at a time, by outcome and in the order asked for."""
    page = ledger.list_trials(
        sweep.id, outcome=query.outcome, sort=query.sort, cursor=query.cursor, limit=query.limit
    )
    return listing(page, lambda trial: trial_answer(trial, sweep, settings.mlflow_link_base))


@router.get("/{number}")
def get_trial(sweep: SweepDep, number: TrialNumber, ledger: LedgerDep, settings: SettingsDep) -> TrialDetail:
    """One ended trial with its config and the evidence for its outcome."""
    return trial_detail(ledger.get_trial(sweep.id, number), sweep, settings.mlflow_link_base)


@router.get("/{number}/curves")
def get_curves(sweep: SweepDep, number: TrialNumber, ledger: LedgerDep) -> CurvesAnswer:
    """A trial's statistics over its steps; null where a value is not a number."""
    return curves_answer(ledger.get_trial(sweep.id, number).record.curves)


@router.get("/{number}/explanation")
def get_explanation(sweep: SweepDep, number: TrialNumber, ledger: LedgerDep) -> JSONResponse:
    """Why a trial ended as it did, how far from its edge, and which settings of the sweep were stable."""
    trial = ledger.get_trial(sweep.id, number)
    return JSONResponse(finite_json(explain(analysis_of(sweep, ledger), trial).to_json()))
