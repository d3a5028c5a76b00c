"""A model version in MLflow's registry, once for each sweep."""

from typing import TYPE_CHECKING

from sweeps.mlflow_drafts import cut
from sweeps.mlflow_sink import RunRef
from sweeps.model_version import FOLDER, ModelVersion

if TYPE_CHECKING:
    from mlflow import MlflowClient

LONGEST_DESCRIPTION = 5000
SWEEP_TAG = "gradsweep.sweep_id"


def register(client: "MlflowClient", run: RunRef, model: ModelVersion) -> None:
    """Make the version of `run`, a sweep's, whose artifacts hold the model; nothing if it is there already.

    Raises MLflow's own errors.
    """
    if _is_registered(client, run, model):
        return
    _make_model(client, model.name)
    client.create_model_version(
        model.name,
        f"{run.artifact_uri}/{FOLDER}",
        run_id=run.run_id,
        tags=model.tags,
        description=cut(model.description, LONGEST_DESCRIPTION),
        await_creation_for=0,
    )


def _is_registered(client: "MlflowClient", run: RunRef, model: ModelVersion) -> bool:
    """By run, since a filter by name would have to quote what users wrote."""
    versions = client.search_model_versions(f"run_id = '{run.run_id}'")
    return any(
        version.name == model.name and version.tags.get(SWEEP_TAG) == model.tags[SWEEP_TAG]
        for version in versions
    )


def _make_model(client: "MlflowClient", name: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
