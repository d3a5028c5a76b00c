"""Every name under which gradsweep writes to MLflow, with its meaning; `docs/mlflow.md` lists them all."""

from types import MappingProxyType

CURVES = MappingProxyType(
    {
        "train_loss": "mean training loss of the window",
        "train_loss_max": "largest training loss of the window, so that no spike is lost between two points",
        "spikes": "steps of the window at which the loss spiked",
        "eval_loss": "loss on held-out data, where it was evaluated",
        "eval_accuracy": "share of held-out examples classified right, where it was evaluated",
        "grad_norm": "mean global gradient norm before clipping",
        "grad_norm_max": "largest global gradient norm before clipping",
        "grad_norm_p99": "99th percentile of the global gradient norm before clipping",
        "grad_norm_after": "mean global gradient norm after clipping",
        "max_abs_grad": "largest absolute gradient entry before clipping",
        "clip_fraction": "share of the window's steps that were clipped",
        "clip_coefficient": "mean factor by which clipping scaled the gradient",
        "zero_fraction": "mean share of gradient entries that are exactly zero",
        "grad_cosine": "mean cosine between successive gradients; near -1 the run bounces",
        "update_ratio": "mean norm of the update over norm of the weights",
        "weight_norm": "mean norm of all weights",
        "lr": "learning rate at the window's last step",
        "sharpness": "largest eigenvalue of the loss's Hessian, where it was measured",
        "preconditioned_sharpness": "the same after dividing by what the optimizer divides by",
        "grad_snr": "squared mean of the gradient over its variance between batches, where it was measured",
        "grad_noise_scale": "gradient noise scale in examples: the batch size at which both are equal",
        "activation_rms_max": "largest root mean square of a layer's output, where it was measured",
        "dead_fraction": "share of units that are zero for every example, where it was measured",
        "attention_logit_max": "largest attention logit, where it was measured",
    }
)
"""Metrics of a trial with one point per report window, at the window's last step."""

SUMMARY = MappingProxyType(
    {
        "stability_score": "0 to 1, how stable the whole run was",
        "nonfinite": "1 when a loss, gradient or parameter became NaN or infinite, else 0",
        "first_nonfinite_step": "the step at which that happened first",
        "initial_loss": "training loss at initialisation",
        "spike_score": "share of steps at which the loss spiked",
        "objective": "the sweep's objective",
        "final/train_loss": "mean training loss of the last tenth of the steps",
        "final/eval_loss": "loss on held-out data after the last step",
        "final/eval_accuracy": "share of held-out examples classified right after the last step",
        "final/grad_norm_max": "largest global gradient norm before clipping, over all steps",
        "final/clip_fraction": "share of all steps that were clipped",
        "loss_scale": "in float16, the factor on the loss after the last step",
        "loss_scale_overflows": "in float16, updates that were left out since a scaled gradient overflowed",
        "stopped_early": "1 when the rule `stopping` ended the trial before its last step",
        "steps_done": "updates made",
        "train_seconds": "time spent training, the trial's share of its pack",
        "measure_seconds": "the part of it that went into measurements on a schedule",
    }
)
"""Metrics of a trial with one number for the whole run, at step 0: MLflow draws those as bars."""

SWEEP_METRICS = MappingProxyType(
    {
        "trials_planned": "trials in the plan",
        "trials_ended": "trials that ended",
        "trials_stable": "trials whose outcome is stable; likewise for each other outcome",
        "stable_share": "stable trials over ended ones",
        "sweep_seconds": "from the first claim to the end",
    }
)
"""Metrics of a sweep's parent run; `trials_OUTCOME` exists for every outcome that occurred."""

TRIAL_TAGS = MappingProxyType(
    {
        "outcome": "stable, spiky, oscillating, stalled, vanished, diverged, exploded or failed",
        "outcome.rule": "the rule that fired",
        "outcome.step": "the step that shows it",
        "outcome.layer": "the first layer that shows it",
        "outcome.phase": "forward, backward or update",
        "outcome.value": "the number that was compared; absent when it is not finite",
        "outcome.threshold": "what it was compared with",
        "gradsweep.kind": "trial",
        "gradsweep.sweep_id": "the sweep",
        "gradsweep.trial": "the trial's number in the sweep",
        "gradsweep.configuration": "trials that differ in nothing but their seed share this number",
        "gradsweep.repeat": "which of those it is",
        "gradsweep.error": "the last lines of the traceback of a failed trial",
    }
)

SWEEP_TAGS = MappingProxyType(
    {
        "gradsweep.kind": "sweep",
        "gradsweep.sweep_id": "the sweep",
        "gradsweep.status": "completed, cancelled or failed",
        "gradsweep.page": "the sweep's live page, where `GRADSWEEP_PAGE_URL` says how browsers reach it",
        "gradsweep.error": "why a sweep failed",
    }
)
"""Besides these a parent run carries the tags that the spec gives."""

ARTIFACTS = MappingProxyType(
    {
        "spec.yaml": "the spec, complete, on the sweep's run",
        "report.html": "the report, one page without anything from the network",
        "analysis.json": "edges, maps, sensitivity and recommendation",
        "tables/trials.csv": "one row a trial: number, outcome, objective, what was varied, final numbers",
        "plots/": "the report's pictures",
        "layers.parquet": "on a trial's run: step, layer, and a column for each per-layer statistic",
        "gradients.html": "on a trial's run: each layer's gradient norm over the steps, as a picture",
    }
)


def summary_name(final: str) -> str:
    """The metric under which a record's final number is logged; a curve of the same name keeps its own.

    MLflow draws what shares a prefix such as `final/` in a section of its own.

    >>> summary_name("stability_score"), summary_name("eval_loss")
    ('stability_score', 'final/eval_loss')
    """
    return f"final/{final}" if final in CURVES else final
