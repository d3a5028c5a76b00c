"""Both meters against plain NumPy, and against each other."""

import numpy as np
import pytest
import torch
from torch import Tensor

from trainers.clipping.base import Clipped
from trainers.layout import ParameterLayout, ParameterSpec
from trainers.optimizers.change import Change
from trainers.statistics.device import DeviceMeter
from trainers.statistics.host import HostMeter
from trainers.statistics.meter import CHUNK_STEPS, GRACE_STEPS, ChunkStatistics, Meter, Stop

# The cheap sum of squares overflows on purpose before the careful way is taken.
pytestmark = pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")

LAYOUT = ParameterLayout(
    (ParameterSpec("a.weight", (3, 4), "weight", "a"), ParameterSpec("b.weight", (5,), "weight", "b"))
)
METERS = pytest.mark.parametrize("make", [HostMeter, DeviceMeter])
K = 3


class Steps:
    """Random gradients, parameters and updates of a few steps."""

    def __init__(self, num_steps: int, dtype: torch.dtype = torch.float64) -> None:
        draw = torch.Generator().manual_seed(0)
        shape = (num_steps, K, LAYOUT.size)
        self.grads = torch.randn(shape, generator=draw, dtype=dtype)
        self.grads[:, :, ::4] = 0.0
        first = torch.randn(shape[1:], generator=draw, dtype=dtype)
        self.deltas = 0.01 * torch.randn(shape, generator=draw, dtype=dtype)
        self.params = first + self.deltas.cumsum(dim=0) - self.deltas
        self.losses = torch.rand((num_steps, K), generator=draw, dtype=dtype)
        self.limit = torch.full((K,), 1e6, dtype=dtype)

    def __len__(self) -> int:
        return len(self.grads)

    def tensors(self, step: int) -> list[Tensor]:
        """Gradients as autograd gives them."""
        return [view.clone() for view in LAYOUT.views(self.grads[step]).values()]

    def measure(self, meter: Meter, first: int = 0, stop: int | None = None) -> list[dict[int, Stop]]:
        """Let `meter` see the steps; who was stopped after each."""
        steps = range(first, len(self) if stop is None else stop)
        meter.start(len(steps))
        answers = []
        for step in steps:
            flat = self.grads[step].clone()
            meter.gradients(flat, self.losses[step])
            half = torch.full((K,), 0.5, dtype=flat.dtype)
            meter.clipped(0, K, Clipped(flat * 0.5, clipped=torch.ones(K), coefficient=half))
            all_go_on = meter.update(self.params[step].clone(), Change(self.deltas[step]), self.limit)
            answers.append(meter.stopped())
            assert all_go_on == (not answers[-1] or isinstance(meter, DeviceMeter))
        return answers


@METERS
def test_statistics_are_those_of_their_definitions(make: type[HostMeter] | type[DeviceMeter]) -> None:
    steps = Steps(5)
    meter = make(LAYOUT, steps.params[0])
    answers = steps.measure(meter)
    found = meter.flush().steps

    grads, norm = steps.grads.numpy(), steps.grads.norm(dim=2).numpy()
    np.testing.assert_allclose(found.loss, steps.losses.numpy())
    np.testing.assert_allclose(found.grad_norm, norm, rtol=1e-12)
    np.testing.assert_allclose(found.grad_norm_after, norm / 2, rtol=1e-12)
    np.testing.assert_allclose(found.max_abs_grad, np.abs(grads).max(axis=2))
    np.testing.assert_allclose(found.zero_fraction, (grads == 0).mean(axis=2))
    np.testing.assert_allclose(found.clipped, 1.0)
    np.testing.assert_allclose(found.clip_coefficient, 0.5)
    np.testing.assert_allclose(found.weight_norm, steps.params.norm(dim=2).numpy(), rtol=1e-12)
    ratio = steps.deltas.norm(dim=2) / steps.params.norm(dim=2)
    np.testing.assert_allclose(found.update_ratio, ratio.numpy(), rtol=1e-12)
    cosine = (grads[1:] * grads[:-1]).sum(axis=2) / norm[1:] / norm[:-1]
    np.testing.assert_allclose(found.grad_cosine[1:], cosine, rtol=1e-12)
    assert np.isnan(found.grad_cosine[0]).all()
    assert not any(answers)


@METERS
def test_norms_of_tensors_are_kept_apart(make: type[HostMeter] | type[DeviceMeter]) -> None:
    steps = Steps(2)
    meter = make(LAYOUT, steps.params[0])
    steps.measure(meter)

    found = meter.flush().tensor_norms
    np.testing.assert_allclose(found[:, :, 0], steps.grads[:, :, :12].norm(dim=2).numpy(), rtol=1e-12)
    np.testing.assert_allclose(found[:, :, 1], steps.grads[:, :, 12:].norm(dim=2).numpy(), rtol=1e-12)


@METERS
def test_gradients_that_come_as_tensors_are_measured_as_flat_ones(
    make: type[HostMeter] | type[DeviceMeter],
) -> None:
    steps = Steps(5)
    flat, mixed = make(LAYOUT, steps.params[0]), make(LAYOUT, steps.params[0])
    steps.measure(flat)
    mixed.start(5)
    grads = torch.empty(K, LAYOUT.size, dtype=torch.float64)
    for step in range(5):
        if step == 0:
            mixed.gradients(grads.copy_(steps.grads[step]), steps.losses[step])
        else:
            tensors = steps.tensors(step)
            tensors[1] = tensors[1].mT.contiguous().mT if step == 4 else tensors[1]
            mixed.gather(tensors, grads, steps.losses[step])
        torch.testing.assert_close(grads, steps.grads[step], rtol=0, atol=0)
        half = torch.full((K,), 0.5, dtype=torch.float64)
        mixed.clipped(0, K, Clipped(grads * 0.5, clipped=torch.ones(K), coefficient=half))
        mixed.update(steps.params[step].clone(), Change(steps.deltas[step]), steps.limit)

    expected, found = flat.flush(), mixed.flush()
    for name in expected.steps.names():
        np.testing.assert_array_equal(getattr(found.steps, name), getattr(expected.steps, name), err_msg=name)
    np.testing.assert_array_equal(found.tensor_norms, expected.tensor_norms)


@pytest.mark.parametrize("changed_in", [(), (0, 1, 2, 3, 4), (1, 3), (0, 4)], ids=str)
def test_the_last_gradients_are_known_whether_or_not_a_step_changes_the_gathered_ones(
    changed_in: tuple[int, ...],
) -> None:
    steps, meter = Steps(5), HostMeter(LAYOUT, torch.zeros(K, LAYOUT.size, dtype=torch.float64))
    gathered, params = torch.empty(K, LAYOUT.size, dtype=torch.float64), steps.params[0].clone()
    meter.start(5)
    for step in range(5):
        meter.gather(steps.tensors(step), gathered, steps.losses[step])
        if step in changed_in:
            gathered.mul_(0.5)
        meter.update(params, Change(gathered, torch.full((K, 1), -0.01, dtype=torch.float64)), steps.limit)

    found, grads = meter.flush().steps, steps.grads.numpy()
    norm = steps.grads.norm(dim=2).numpy()
    cosine = (grads[1:] * grads[:-1]).sum(axis=2) / norm[1:] / norm[:-1]
    np.testing.assert_allclose(found.grad_cosine[1:], cosine, rtol=1e-12)
    share = np.array([0.5 if step in changed_in else 1.0 for step in range(5)])
    np.testing.assert_allclose(
        found.update_ratio * found.weight_norm, 0.01 * share[:, None] * norm, rtol=1e-12
    )
    expected = steps.params[0].numpy() - 0.01 * (share[:, None, None] * grads).sum(axis=0)
    np.testing.assert_allclose(params.numpy(), expected, rtol=1e-12)


def test_gathered_gradients_may_not_change_between_two_steps() -> None:
    steps, meter = Steps(2), HostMeter(LAYOUT, torch.zeros(K, LAYOUT.size, dtype=torch.float64))
    gathered = torch.empty(K, LAYOUT.size, dtype=torch.float64)
    meter.start(2)
    meter.gather(steps.tensors(0), gathered, steps.losses[0])
    meter.update(steps.params[0].clone(), Change(steps.deltas[0]), steps.limit)
    gathered.zero_()
    with pytest.raises(RuntimeError, match="gradients were changed after their step"):
        meter.gather(steps.tensors(1), gathered, steps.losses[1])


@METERS
def test_gradients_in_sixteen_bits_are_measured_in_the_precision_of_the_parameters(
    make: type[HostMeter] | type[DeviceMeter],
) -> None:
    steps = Steps(1, torch.float32)
    meter, flat = make(LAYOUT, steps.params[0]), torch.empty(K, LAYOUT.size)
    meter.start(1)
    meter.gather([view.bfloat16() for view in LAYOUT.views(steps.grads[0]).values()], flat, steps.losses[0])
    torch.testing.assert_close(flat, steps.grads[0].bfloat16().float(), rtol=0, atol=0)


@METERS
def test_chunks_join_without_a_seam(make: type[HostMeter] | type[DeviceMeter]) -> None:
    steps = Steps(6)
    whole, parts = make(LAYOUT, steps.params[0]), make(LAYOUT, steps.params[0])
    steps.measure(whole)
    pieces = []
    for first in (0, 2, 4):
        steps.measure(parts, first, first + 2)
        pieces.append(parts.flush().steps.grad_cosine)

    np.testing.assert_array_equal(whole.flush().steps.grad_cosine, np.concatenate(pieces))


@METERS
def test_members_that_leave_take_their_rows_along(make: type[HostMeter] | type[DeviceMeter]) -> None:
    steps = Steps(2)
    meter = make(LAYOUT, steps.params[0])
    steps.measure(meter, 0, 1)
    meter.flush()
    meter.keep(torch.tensor([0, 2]))
    meter.start(1)
    meter.gradients(steps.grads[1][[0, 2]], steps.losses[1][[0, 2]])
    meter.clipped(0, 2, Clipped(steps.grads[1][[0, 2]], torch.zeros(2), torch.ones(2)))
    meter.update(steps.params[1][[0, 2]], Change(steps.deltas[1][[0, 2]]), steps.limit[:2])

    expected = torch.cosine_similarity(steps.grads[0], steps.grads[1], dim=1)[[0, 2]]
    np.testing.assert_allclose(meter.flush().steps.grad_cosine[0], expected.numpy(), rtol=1e-12)


@METERS
@pytest.mark.parametrize("what", ["loss", "gradient", "update"])
def test_a_member_with_a_non_finite_value_is_stopped_at_once(
    make: type[HostMeter] | type[DeviceMeter], what: str
) -> None:
    steps = Steps(1)
    {"loss": steps.losses, "gradient": steps.grads[..., 3], "update": steps.deltas[..., 3]}[what][0, 1] = (
        np.nan
    )
    meter = make(LAYOUT, steps.params[0])

    assert steps.measure(meter) == [{1: Stop(0, broke=True)}]


@METERS
def test_finite_values_whose_squares_overflow_stop_nobody(make: type[HostMeter] | type[DeviceMeter]) -> None:
    steps = Steps(3, torch.float32)
    steps.grads[:, 0] = 1e30
    meter = make(LAYOUT, steps.params[0])

    answers = steps.measure(meter)

    found: ChunkStatistics = meter.flush()
    assert not any(answers)
    np.testing.assert_allclose(found.steps.grad_norm[:, 0], 1e30 * np.sqrt(17), rtol=1e-5)
    np.testing.assert_allclose(found.steps.grad_cosine[1:, 0], 1.0, rtol=1e-5)


@METERS
@pytest.mark.parametrize("size", [1e-44, 1e-38, 1e-25, 1e25, 3e38])
def test_the_angle_between_gradients_is_known_however_small_or_large_they_are(
    make: type[HostMeter] | type[DeviceMeter], size: float
) -> None:
    steps = Steps(2, torch.float32)
    steps.grads[:] = size
    steps.grads[1, 1] *= -1
    meter = make(LAYOUT, steps.params[0])

    steps.measure(meter)

    np.testing.assert_allclose(meter.flush().steps.grad_cosine[1], [1.0, -1.0, 1.0], rtol=1e-5)


@METERS
def test_weights_that_leave_the_range_are_an_explosion(make: type[HostMeter] | type[DeviceMeter]) -> None:
    steps = Steps(1, torch.float32)
    steps.params[0, 2, 0] = steps.deltas[0, 2, 0] = 3e38
    meter = make(LAYOUT, steps.params[0])

    assert steps.measure(meter) == [{2: Stop(0, broke=True)}]


@METERS
@pytest.mark.parametrize("what", ["loss", "gradient"])
def test_only_members_that_may_go_on_are_updated(
    make: type[HostMeter] | type[DeviceMeter], what: str
) -> None:
    steps = Steps(2, torch.float32)
    {"loss": steps.losses, "gradient": steps.grads[..., 3]}[what][1, 1] = np.inf
    params = steps.params[0].clone()
    expected = params + steps.deltas[0] + steps.deltas[1]
    expected[1] = (params + steps.deltas[0])[1]
    meter = make(LAYOUT, params)
    meter.start(2)

    for step in range(2):
        meter.gradients(steps.grads[step].clone(), steps.losses[step])
        meter.update(params, Change(steps.deltas[step]), steps.limit)

    torch.testing.assert_close(params, expected)
    before = (steps.params[0] + steps.deltas[0]).norm(dim=1).numpy()
    np.testing.assert_allclose(meter.flush().steps.weight_norm[1], before, rtol=1e-5)


@METERS
def test_an_update_that_breaks_parameters_is_to_be_seen_in_them(
    make: type[HostMeter] | type[DeviceMeter],
) -> None:
    steps = Steps(1, torch.float32)
    steps.deltas[0, 1, 3] = np.inf
    params = steps.params[0].clone()
    meter = make(LAYOUT, params)
    meter.start(1)
    meter.gradients(steps.grads[0].clone(), steps.losses[0])
    meter.update(params, Change(steps.deltas[0]), steps.limit)

    torch.testing.assert_close(params, steps.params[0] + steps.deltas[0])
    assert meter.stopped() == {1: Stop(0, broke=True)}


@METERS
def test_a_loss_beyond_the_limit_has_a_few_steps_of_grace(make: type[HostMeter] | type[DeviceMeter]) -> None:
    steps = Steps(GRACE_STEPS + 2)
    steps.losses[1:, 0] = 1e7
    meter = make(LAYOUT, steps.params[0])

    answers = steps.measure(meter)

    assert not any(answers[: GRACE_STEPS + 1])
    assert answers[GRACE_STEPS + 1] == {0: Stop(GRACE_STEPS + 1, broke=False)}


def test_a_chunk_that_the_device_has_no_room_for_is_an_error() -> None:
    meter = DeviceMeter(LAYOUT, torch.zeros(K, LAYOUT.size))
    meter.start(CHUNK_STEPS)
    with pytest.raises(ValueError, match="at most 64 steps, got 65"):
        meter.start(CHUNK_STEPS + 1)
