"""How long a sweep will take, roughly: an estimate to compare plans by, not a promise.

The seconds of one update are a fixed part, for the framework's work, plus the arithmetic over a rate.
Backward costs twice the forward pass, so an update makes three passes of two operations a multiply.
"""

from dataclasses import dataclass

from sweeps.plan_workload import WorkloadFacts
from trainers.config import TrialConfig

UPDATE_SECONDS = 1e-4
"""Framework's work per trial and update, in a pack."""

OPERATIONS_PER_SECOND = {
    "mlp": 4e10,
    "rnn": 3.5e10,
    "lstm": 1.7e10,
    "gru": 1.5e10,
    "cnn": 1.2e10,
    "resnet": 2e10,
    "detector": 2.5e10,
    "transformer": 1.5e10,
}
"""Arithmetic of one processor on the usual small sizes, by model kind, while its neighbours are as busy.

Measured on presets. What is no matrix product (nonlinearities, normalisation, pooling, softmax) is not
counted, so models that do much of it do fewer of the operations that are.
"""

START_SECONDS = 3.0
"""From a claimed sweep to the first update."""

PACK_SECONDS = 0.3
"""To hand out a pack, choose its stack size and report its trials."""

SLOWER_DTYPES = {"float64": 2.0, "bfloat16": 2.0, "float16": 4.0}
"""Factor on the arithmetic of one processor against float32."""


@dataclass(frozen=True)
class TrialCost:
    """What one trial needs: seconds of one worker, and bytes of parameters, state and activations."""

    seconds: float
    num_bytes: int


def trial_cost(config: TrialConfig, facts: WorkloadFacts) -> TrialCost:
    """The rough cost of training one trial to its last step."""
    batch = facts.num_examples if config.batch_size == "full" else config.batch_size
    examples = batch * config.accumulate
    arithmetic = 6 * facts.multiplies_per_example * examples * SLOWER_DTYPES.get(config.dtype, 1.0)
    rate = OPERATIONS_PER_SECOND[facts.model_kind]
    seconds = config.steps * (UPDATE_SECONDS * config.accumulate + arithmetic / rate)
    seconds += _measure_seconds(config, facts, batch)
    # Parameters, gradients, update, two moments and workspace; activations are below the weights' uses.
    num_values = 8 * facts.num_parameters + 2 * batch * facts.multiplies_per_example**0.5
    return TrialCost(seconds, int(8 * num_values if config.dtype == "float64" else 4 * num_values))


def _measure_seconds(config: TrialConfig, facts: WorkloadFacts, batch: int) -> float:
    """Measurements on a schedule: passes over examples, where a product with the Hessian is four passes."""
    measure = config.measure
    if measure.every is None:
        return 0.0
    examples = facts.num_examples if measure.examples == "all" else min(measure.examples, facts.num_examples)
    passes = examples if "activations" in measure.what else 0
    passes += 3 * measure.batches * min(batch, facts.num_examples) if "gradient_noise" in measure.what else 0
    num_curvatures = len({"sharpness", "preconditioned_sharpness"} & set(measure.what))
    passes += num_curvatures * 4 * measure.iterations * examples
    operations = 2 * facts.multiplies_per_example * passes * SLOWER_DTYPES.get(config.dtype, 1.0)
    return -(-config.steps // measure.every) * operations / OPERATIONS_PER_SECOND[facts.model_kind]
