"""The version of a registered model that a sweep's recommended setting becomes."""

from sweeps.ledger.base import StoredReport, Sweep
from trainers.kinds import Frozen

FOLDER = "model"
NOTE_FILE = f"{FOLDER}/README.md"
"""Among a report's files once the request is answered, by a model or by the reason why there is none."""
VERSION_FILE = f"{FOLDER}/version.json"


class ModelVersion(Frozen):
    """What a model registry is told: the model's name, and the tags and description of this version."""

    name: str
    tags: dict[str, str]
    description: str


def asks_for_model(sweep: Sweep) -> bool:
    """Whether a sweep owes a model, or the reason why there is none."""
    return sweep.status == "completed" and sweep.spec.get("register_model") is not None


def has_answer(report: StoredReport) -> bool:
    """Whether a report holds what its sweep owed."""
    return NOTE_FILE in report.files


def version_of(report: StoredReport) -> ModelVersion | None:
    """The version that a stored report holds the files of."""
    written = report.files.get(VERSION_FILE)
    return None if written is None else ModelVersion.model_validate_json(written)
