"""The whole of gradsweep on one machine: API, runner and MLflow server as guarded child processes."""
