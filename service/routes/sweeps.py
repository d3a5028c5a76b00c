"""Sweeps: submit, list, look, cancel, pause, resume, clone, extend, delete."""

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import JSONResponse

from service.body import read_changes, read_spec_text
from service.dependencies import LedgerDep, SettingsDep, SweepDep
from service.routes.paging import SubmitQueryDep, SweepQueryDep
from service.schemas import Listing, PlanAnswer, SweepAnswer, SweepDetail
from service.submission import extended_plan, new_sweep, plan_answer, plan_of_parts, plan_of_text
from service.views import listing, sweep_answer, sweep_detail
from sweeps.warm_start import earlier_trials

router = APIRouter(prefix="/v1/sweeps", tags=["sweeps"])
IdempotencyKey = Annotated[
    str | None,
    Header(min_length=1, max_length=200, description="same key and spec: the sweep that is already there"),
]
BODY = {
    "required": True,
    "content": {
        "application/yaml": {"schema": {"type": "string", "description": "a spec"}},
        "application/json": {"schema": {"type": "object", "description": "a spec, or {preset, small}"}},
    },
}

CHANGES = {
    "required": False,
    "content": {
        "application/json": {"schema": {"type": "object", "description": "parts of the spec to replace"}}
    },
}


@router.post(
    "",
    status_code=201,
    response_model=SweepDetail,
    responses={200: {"model": PlanAnswer}},
    openapi_extra={"requestBody": BODY},
)
async def submit(
    request: Request,
    ledger: LedgerDep,
    settings: SettingsDep,
    query: SubmitQueryDep,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Queue a sweep from a spec in YAML or JSON, or from `{"preset": NAME, "small": true}`."""
    text = await read_spec_text(request, settings.max_body_bytes)
    plan = await run_sync(plan_of_text, text)
    await run_sync(earlier_trials, ledger, plan.spec)
    if query.dry_run:
        return JSONResponse((await run_sync(plan_answer, plan)).model_dump(mode="json"))
    sweep = await run_sync(ledger.create_sweep, new_sweep(plan, idempotency_key))
    answer = sweep_detail(sweep, settings.mlflow_link_base)
    return JSONResponse(answer.model_dump(mode="json"), 201, headers={"Location": answer.links.self})


@router.get("")
def list_sweeps(query: SweepQueryDep, ledger: LedgerDep, settings: SettingsDep) -> Listing[SweepAnswer]:
    """Sweeps, the newest first, a page at a time."""
    page = ledger.list_sweeps(
        status=query.status, name=query.name, tag=query.tag, cursor=query.cursor, limit=query.limit
    )
    return listing(page, lambda sweep: sweep_answer(sweep, settings.mlflow_link_base))


@router.get("/{sweep_id}")
def get_sweep(sweep: SweepDep, settings: SettingsDep) -> SweepDetail:
    """One sweep with its spec and progress."""
    return sweep_detail(sweep, settings.mlflow_link_base)


@router.post("/{sweep_id}/cancel", status_code=202)
def cancel(sweep_id: str, ledger: LedgerDep, settings: SettingsDep) -> SweepDetail:
    """Ask a sweep to end; what it has trained is kept. 409 when it has ended already."""
    ledger.request_cancel(sweep_id)
    return sweep_detail(ledger.get_sweep(sweep_id), settings.mlflow_link_base)


@router.post("/{sweep_id}/pause", status_code=202)
def pause(sweep_id: str, ledger: LedgerDep, settings: SettingsDep) -> SweepDetail:
    """Ask a sweep to stop training until it is resumed."""
    ledger.request_pause(sweep_id)
    return sweep_detail(ledger.get_sweep(sweep_id), settings.mlflow_link_base)


@router.post("/{sweep_id}/resume", status_code=202)
def resume(sweep_id: str, ledger: LedgerDep, settings: SettingsDep) -> SweepDetail:
    """Let a paused sweep go on with the trials that are left."""
    ledger.request_resume(sweep_id)
    return sweep_detail(ledger.get_sweep(sweep_id), settings.mlflow_link_base)


@router.post("/{sweep_id}/clone", status_code=202, openapi_extra={"requestBody": CHANGES})
async def clone(
    request: Request,
    sweep: SweepDep,
    ledger: LedgerDep,
    settings: SettingsDep,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Queue a sweep like this one; a body replaces parts of its spec, as `{"seeds": 5}` would."""
    changes = await read_changes(request, settings.max_body_bytes)
    plan = await run_sync(plan_of_parts, sweep.spec | changes)
    await run_sync(earlier_trials, ledger, plan.spec)
    made = await run_sync(ledger.create_sweep, new_sweep(plan, idempotency_key))
    answer = sweep_detail(made, settings.mlflow_link_base)
    return JSONResponse(answer.model_dump(mode="json"), 202, headers={"Location": answer.links.self})


@router.post("/{sweep_id}/extend", status_code=202, openapi_extra={"requestBody": CHANGES})
async def extend(request: Request, sweep: SweepDep, ledger: LedgerDep, settings: SettingsDep) -> SweepDetail:
    """Queue a sweep again with more trials: a body such as `{"search": …}` replaces parts of its spec.

    409 while it runs, and when a trial that is planned already would become another one.
    """
    changes = await read_changes(request, settings.max_body_bytes)
    plan = await run_sync(extended_plan, sweep.id, sweep.spec, changes)
    extended = await run_sync(ledger.extend_sweep, sweep.id, new_sweep(plan, None))
    return sweep_detail(extended, settings.mlflow_link_base)


@router.delete("/{sweep_id}", status_code=204)
def delete(sweep_id: str, ledger: LedgerDep) -> None:
    """Delete a sweep that has ended, with its trials, curves and report; what is in MLflow stays there."""
    ledger.delete_sweep(sweep_id)
