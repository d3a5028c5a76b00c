"""The sentences of an explanation, made from its numbers."""

from types import MappingProxyType
from typing import TYPE_CHECKING

from sweeps.analysis.labels import count, number_label

if TYPE_CHECKING:
    from sweeps.analysis.explanation import Explanation

PHASES = MappingProxyType(
    {"forward": "in the forward pass", "backward": "in the backward pass", "update": "in the update"}
)

MEASURES = MappingProxyType(
    {
        "loss far above its start": "loss",
        "solved from its start": "largest loss",
        "no rule against it applies": "final loss",
        "ends above its start": "final loss",
        "gradient does not reach the first layer": "first layer's gradient over the last layer's",
        "gradient norm vanished": "gradient norm",
        "successive gradients point against each other": "cosine of successive gradients",
        "moves about far above its best": "final loss",
        "loss scale overflows in most steps": "updates left out",
        "gradient overflows at the smallest loss scale": "loss scale",
        "loss stays at its start": "final loss",
        "stuck at a constant prediction": "final loss",
        "loss spikes": "spike score in %",
        "loss peaked above its start": "loss",
    }
)
"""What the value of each rule of `trainers.outcomes.rules` is."""


def facts(found: "Explanation") -> tuple[str, ...]:
    """What happened; how the other seeds ended; how far the edge is; whether anything would have helped."""
    if found.outcome == "failed":
        return (_failure(found),)
    hopeless = found.outcome != "stable" and not found.helps
    return (
        _happening(found),
        *_seeds(found),
        _distance(found),
        *(["No setting of this sweep near this one was stable, so nothing is known to help."] * hopeless),
    )


def _failure(found: "Explanation") -> str:
    lines = (found.error or "").strip().splitlines()
    message = lines[-1].strip() if lines else "no message was recorded"
    return (
        f"Trial {found.trial} ({found.setting}) failed: {message}. Code or machine broke, which says nothing "
        "about this setting; it is left out of every number."
    )


def _happening(found: "Explanation") -> str:
    evidence = found.evidence
    ended = "was stable" if found.outcome == "stable" else f"ended {found.outcome}"
    head = f"Trial {found.trial} ({found.setting}) {ended}"
    if found.is_partial:
        return f"{head} until it was stopped, after {found.num_steps_done} of {found.num_steps} steps."
    if found.outcome == "stable":
        objective = "" if found.objective is None else f", {found.metric} {number_label(found.objective)}"
        return f"{head} over {found.num_steps} steps{objective}."
    parts = [f"{head}: {evidence.rule}"]
    if evidence.step is not None:
        parts.append(f"at step {evidence.step} of {found.num_steps}")
    if evidence.layer is not None:
        parts.append(f"in layer {evidence.layer}")
    if evidence.phase is not None:
        parts.append(PHASES[evidence.phase])
    return " ".join(parts) + _measure(found) + "."


def _measure(found: "Explanation") -> str:
    evidence = found.evidence
    if evidence.value is None or evidence.threshold is None:
        return ""
    name = MEASURES.get(evidence.rule, "value")
    return f" ({name} {number_label(evidence.value)}, limit {number_label(evidence.threshold)})"


def _seeds(found: "Explanation") -> list[str]:
    """How the setting's seeds ended together; nothing where there is one."""
    seeds = found.seeds
    if seeds.num_trials < 2:
        return []
    if len(seeds.counts) == 1:
        return [f"All {seeds.num_trials} seeds of this setting ended so."]
    counts = ", ".join(f"{number} {name}" for name, number in seeds.counts.items())
    return [
        f"The {seeds.num_trials} seeds of this setting differ: {counts} "
        f"(95 % interval of P(stable) {seeds.interval.label()})."
    ]


def _distance(found: "Explanation") -> str:
    """Where the edge lies, seen from the learning rate that was used."""
    if found.along is not None:
        return found.along.text()
    edge, lr = found.edge, number_label(found.lr)
    horizon = f"({edge.horizon} steps, {count(edge.num_seeds, 'seed')} per learning rate)"
    if edge.num_lrs < 2:
        return "One learning rate was tried with these settings, so how far the edge is cannot be told."
    if edge.lower is None or found.margin is None:
        return f"No learning rate tried with these settings was stable {horizon}; you used {lr}."
    largest = f"The largest stable lr here is {number_label(edge.lower)}"
    if edge.status == "above_range":
        largest += ", the largest tried"
    elif edge.fit is not None:
        largest += f" (edge at {number_label(edge.fit.edge)}, 95 % {edge.fit.interval.label()})"
    return f"{largest}; you used {lr}{_factor(found.margin)} {horizon}."


def _factor(margin: float) -> str:
    if margin == 1:
        return ", the same"
    return f", {number_label(margin)}× below" if margin > 1 else f", {number_label(1 / margin)}× above"
