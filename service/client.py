"""The API from Python: what the command line speaks, and what a script may use."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import httpx
from httpx_sse import connect_sse

from service.errors import ServerUnreachableError, ServiceError

TIMEOUT_SECONDS = 30.0
MAX_RECONNECTS = 8
Json = dict[str, Any]


class RequestRefusedError(ServiceError):
    """The server answered with a problem document, which `problem` holds; `status` is its HTTP status."""

    def __init__(self, status: int, problem: Json) -> None:
        super().__init__(str(problem.get("detail") or f"the server answered {status}"))
        self.status = status
        self.problem = problem


@dataclass(frozen=True)
class SweepEvent:
    """One event of a sweep, as `GET /v1/sweeps/{id}/events` gives it."""

    id: int
    type: str
    data: Json


class Client:
    """Speaks to the API at `url`; a context manager.

    Methods raise `ServerUnreachableError` when nobody answers and `RequestRefusedError` for a 4xx or 5xx.
    """

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None) -> None:
        self.url = url.rstrip("/")
        self._http = httpx.Client(base_url=self.url, timeout=TIMEOUT_SECONDS, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def submit(
        self, text: str, *, media_type: str = "application/yaml", idempotency_key: str | None = None
    ) -> Json:
        """Queue a sweep from a spec in YAML or JSON; the sweep as stored."""
        return self._submit(text, media_type, idempotency_key, dry_run=False)

    def dry_run(self, text: str, *, media_type: str = "application/yaml") -> Json:
        """The plan of a spec; nothing is stored."""
        return self._submit(text, media_type, None, dry_run=True)

    def sweeps(self, **query: str | int | None) -> Json:
        """A page of sweeps; `status`, `name`, `tag`, `cursor`, `limit`."""
        return self._json("GET", "/v1/sweeps", params=query)

    def sweep(self, sweep_id: str) -> Json:
        """One sweep."""
        return self._json("GET", f"/v1/sweeps/{sweep_id}")

    def trials(self, sweep_id: str, **query: str | int | None) -> Json:
        """A page of a sweep's ended trials; `outcome`, `sort`, `cursor`, `limit`."""
        return self._json("GET", f"/v1/sweeps/{sweep_id}/trials", params=query)

    def trial(self, sweep_id: str, number: int) -> Json:
        """One ended trial."""
        return self._json("GET", f"/v1/sweeps/{sweep_id}/trials/{number}")

    def curves(self, sweep_id: str, number: int) -> Json:
        """A trial's curves."""
        return self._json("GET", f"/v1/sweeps/{sweep_id}/trials/{number}/curves")

    def explanation(self, sweep_id: str, number: int) -> Json:
        """Why a trial ended as it did, and what would have helped."""
        return self._json("GET", f"/v1/sweeps/{sweep_id}/trials/{number}/explanation")

    def analysis(self, sweep_id: str) -> Json:
        """What the sweep found so far."""
        return self._json("GET", f"/v1/sweeps/{sweep_id}/analysis")

    def summary(self, sweep_id: str, *, width: int, color: bool, map_only: bool = False) -> str:
        """Map, edges and recommendation so far as text for a terminal."""
        params = {"width": width, "color": color, "map_only": map_only}
        return self._ask("GET", f"/v1/sweeps/{sweep_id}/summary", params=params).text

    def report(self, sweep_id: str) -> str:
        """The HTML report; refused with status 404 until it is ready."""
        return self._ask("GET", f"/v1/sweeps/{sweep_id}/report").text

    def act(self, sweep_id: str, action: str) -> Json:
        """`cancel`, `pause` or `resume` a sweep."""
        return self._json("POST", f"/v1/sweeps/{sweep_id}/{action}")

    def clone(self, sweep_id: str, changes: Json) -> Json:
        """Queue a sweep of the same spec with parts of it replaced; the new sweep."""
        return self._json("POST", f"/v1/sweeps/{sweep_id}/clone", json=changes)

    def extend(self, sweep_id: str, changes: Json) -> Json:
        """Queue a sweep again with more trials, by replacing parts of its spec."""
        return self._json("POST", f"/v1/sweeps/{sweep_id}/extend", json=changes)

    def delete(self, sweep_id: str) -> None:
        """Delete a sweep that has ended."""
        self._ask("DELETE", f"/v1/sweeps/{sweep_id}")

    def presets(self) -> list[Json]:
        """Sweeps that can be run by name."""
        items: list[Json] = self._json("GET", "/v1/presets")["items"]
        return items

    def catalog(self) -> Json:
        """Everything that can be swept."""
        return self._json("GET", "/v1/catalog")

    def events(self, sweep_id: str, after: int = 0) -> Iterator[SweepEvent]:
        """Events from `after` on, each once, until the sweep and its report are done.

        A lost connection is made again where it broke off.
        """
        num_failures = 0
        while True:
            try:
                for event in self._connect_events(sweep_id, after):
                    if event is None:
                        return
                    after, num_failures = event.id, 0
                    yield event
            except httpx.TransportError as error:
                num_failures += 1
                if num_failures > MAX_RECONNECTS:
                    raise self._unreachable(error) from error
                time.sleep(min(0.1 * 2**num_failures, 5.0))

    def _connect_events(self, sweep_id: str, after: int) -> Iterator[SweepEvent | None]:
        """The events of one connection; None when the server says that nothing more is to come."""
        path, headers = f"/v1/sweeps/{sweep_id}/events", {"Last-Event-ID": str(after)}
        with connect_sse(self._http, "GET", path, headers=headers) as source:
            _check(source.response)
            if source.response.status_code == HTTPStatus.NO_CONTENT:
                yield None
                return
            for message in source.iter_sse():
                if not message.data:  # a heartbeat
                    continue
                yield SweepEvent(int(message.id), message.event, message.json())

    def _submit(self, text: str, media_type: str, key: str | None, *, dry_run: bool) -> Json:
        headers = {"Content-Type": media_type} | ({"Idempotency-Key": key} if key else {})
        params = {"dry_run": "true"} if dry_run else {}
        return self._json("POST", "/v1/sweeps", content=text.encode(), headers=headers, params=params)

    def _json(self, method: str, path: str, **options: Any) -> Json:
        answer: Json = self._ask(method, path, **options).json()
        return answer

    def _ask(
        self, method: str, path: str, *, params: Mapping[str, Any] | None = None, **options: Any
    ) -> httpx.Response:
        given = {name: value for name, value in (params or {}).items() if value is not None}
        try:
            response = self._http.request(method, path, params=given, **options)
        except httpx.TransportError as error:
            raise self._unreachable(error) from error
        _check(response)
        return response

    def _unreachable(self, error: httpx.TransportError) -> ServerUnreachableError:
        return ServerUnreachableError(
            f"no gradsweep server answers at {self.url} ({error or type(error).__name__}); "
            "start one with `gradsweep up`, or name another with --server or GRADSWEEP_SERVER"
        )


def _check(response: httpx.Response) -> None:
    if response.is_success:
        return
    response.read()
    try:
        problem = response.json()
    except ValueError:
        problem = {"detail": f"{response.url} answered {response.status_code}: {response.text[:200]}"}
    raise RequestRefusedError(response.status_code, problem if isinstance(problem, dict) else {})
