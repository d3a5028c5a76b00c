"""Serves the HTTP front end alone: `python -m service`, set up by `GRADSWEEP_*` variables."""

import os
import sys

from service.errors import SettingsError
from service.settings import ServiceSettings
from sweeps.quick_imports import quick_imports

GRACEFUL_SHUTDOWN_SECONDS = 3


def serve(settings: ServiceSettings) -> None:
    """Serve until SIGTERM or SIGINT; open streams of events are ended, not waited for."""
    with quick_imports():
        import uvicorn

        from service.app import create_app
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_SECONDS,
    )


if __name__ == "__main__":
    try:
        serve(ServiceSettings.from_environment(os.environ))
    except SettingsError as error:
        sys.exit(f"gradsweep: {error}")
