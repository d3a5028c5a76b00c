"""The way from MLflow back to the sweep's live page, where somebody said how browsers reach it."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from sweeps.mlflow_links import charts_url

PAGE_VARIABLE = "GRADSWEEP_PAGE_URL"

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LivePages:
    """Where sweeps have their pages; `base` is None where nobody said, and then nothing links there."""

    base: str | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "LivePages":
        """The base that the environment names; one that no browser could open counts as none."""
        given = environ.get(PAGE_VARIABLE, "").strip()
        parts = urlsplit(given)
        if parts.scheme in ("http", "https") and parts.netloc and not (parts.query or parts.fragment):
            return cls(given.rstrip("/"))
        if given:
            logger.warning("%s is %r, not http(s)://…: no links to the live page", PAGE_VARIABLE, given)
        return cls()

    def tags(self, sweep_id: str) -> dict[str, str]:
        """The tag with the sweep's page."""
        return {} if self.base is None else {"gradsweep.page": self._url(sweep_id)}

    def links(self, sweep_id: str, experiment_id: str | None) -> str:
        """A line of Markdown for a run's note: the live page, and MLflow's own charts of the trials."""
        found = [] if self.base is None else [f"[Live page]({self._url(sweep_id)})"]
        if experiment_id is not None:
            found.append(f"[Charts of all trials]({charts_url('', experiment_id).removeprefix('/')})")
        return " · ".join(found)

    def _url(self, sweep_id: str) -> str:
        return f"{self.base}/sweeps/{sweep_id}"
