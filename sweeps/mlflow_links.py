"""Addresses of MLflow's pages, opened as pages about training rather than about language models."""

from sweeps.mlflow_view import VIEW_NAME

VIEW = "workflowType=machine_learning"


def run_url(base: str, experiment_id: str, run_id: str) -> str:
    """A run's page."""
    return f"{base.rstrip('/')}/#/experiments/{experiment_id}/runs/{run_id}?{VIEW}"


def experiment_url(base: str, experiment_id: str) -> str:
    """The table of all runs of an experiment."""
    return f"{base.rstrip('/')}/#/experiments/{experiment_id}/runs?{VIEW}"


def charts_url(base: str, experiment_id: str) -> str:
    """The charts of `mlflow_view` beside that table; the mirror must have set them."""
    return f"{experiment_url(base, experiment_id)}&compareRunsMode=CHART&viewStateShareKey={VIEW_NAME}"
