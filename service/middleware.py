"""What every request passes: a count for Prometheus, and a guard against pages of other sites."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.metrics import Metrics
from service.problems import ProblemError, problem_response

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class CountRequests:
    """Counts answers by method, route template and status; the template keeps the number of series small."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and count its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 500

        async def counted_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, counted_send)
        finally:
            route = scope.get("route")
            self.metrics.count_request(scope["method"], getattr(route, "path", "unknown"), status)


class RefuseOtherSites:
    """Answers 403 to what a page of another site does in the browser of somebody who can reach this service.

    A foreign Origin may change nothing. A foreign Host is a public name that was pointed at this machine to
    get around that; addresses, names without a dot (localhost, a container's) and `allowed_hosts` are ours.
    """

    def __init__(self, app: ASGIApp, allowed_hosts: frozenset[str]) -> None:
        self.app = app
        self.allowed_hosts = allowed_hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        problem = self._problem(scope) if scope["type"] == "http" else None
        if problem:
            await problem_response(Request(scope), problem)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _problem(self, scope: Scope) -> ProblemError | None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._is_ours(host):
            detail = f"this service does not answer as {host!r}; GRADSWEEP_ALLOWED_HOSTS names further hosts"
            return ProblemError(403, detail, kind="other-host")
        if scope["method"] not in SAFE_METHODS and origin and urlsplit(origin).netloc != host:
            return ProblemError(403, f"a page of {origin} may not change anything here", kind="other-origin")
        return None

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return "." not in name or name in self.allowed_hosts or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
