"""Many trials: spec, plan, search, Ray Tune, ledger, MLflow mirror, analysis and report."""
