"""What every request passes: a count for Prometheus, and a guard against other sites' pages."""

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


class RefuseOtherOrigins:
    """Answers 403 to a changing request that a page of another site made in the user's browser."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on unless its Origin is not the host it was sent to."""
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            headers = Headers(scope=scope)
            origin = headers.get("origin")
            if origin and urlsplit(origin).netloc != headers.get("host"):
                problem = ProblemError(
                    403, f"a page of {origin} may not change anything here", kind="other-origin"
                )
                await problem_response(Request(scope), problem)(scope, receive, send)
                return
        await self.app(scope, receive, send)
