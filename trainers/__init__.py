"""One trial, or one pack of trials: configuration, numerics, statistics and outcomes. No Ray, no MLflow."""
