"""Whether sweeps can run now: the ledger answers, a runner is alive, MLflow answers."""

from collections.abc import Awaitable, Callable

import httpx
from anyio.to_thread import run_sync

from service.schemas import CheckAnswer
from service.settings import ServiceSettings
from sweeps.ledger import Ledger

MLFLOW_TIMEOUT_SECONDS = 3.0
Check = Callable[[], Awaitable[str]]


async def check_all(ledger: Ledger, settings: ServiceSettings) -> dict[str, CheckAnswer]:
    """Every check by name, each with what was found."""

    async def check_ledger() -> str:
        await run_sync(ledger.ping)
        return "answers"

    async def check_runner() -> str:
        runners = await run_sync(ledger.live_runners, settings.runner_max_age_seconds)
        if not runners:
            age = f"{settings.runner_max_age_seconds:g} s"
            raise LookupError(f"no heartbeat in the last {age}; start one with `gradsweep runner`")
        return f"{len(runners)} alive"

    async def check_mlflow() -> str:
        if not settings.mlflow_is_server:
            return "not a server, nothing to ask"
        async with httpx.AsyncClient(timeout=MLFLOW_TIMEOUT_SECONDS) as client:
            answer = await client.get(settings.mlflow_uri.rstrip("/") + "/health")
        answer.raise_for_status()
        if answer.text.strip() != "OK":
            raise ValueError(f"what answers at {settings.mlflow_uri} is not MLflow")
        return "answers"

    checks = {"ledger": check_ledger, "runner": check_runner, "mlflow": check_mlflow}
    return {name: await _outcome(check) for name, check in checks.items()}


async def _outcome(check: Check) -> CheckAnswer:
    """A check that raises has failed, whatever it raised: the answer says so instead of failing itself."""
    try:
        return CheckAnswer(ok=True, detail=await check())
    except Exception as error:
        return CheckAnswer(ok=False, detail=str(error) or type(error).__name__)
