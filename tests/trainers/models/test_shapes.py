"""Data and models that cannot be joined are refused, with the value, the rule and the way out."""

import pytest

from tests.trainers.models.cases import BOXES, FLAT, IMAGES, NUMBERS, SERIES, TEXT, TOKENS
from trainers.data import DataShape
from trainers.errors import ConfigError
from trainers.models import Cnn, Detector, Gru, Lstm, Mlp, ModelBase, Resnet, Rnn, Transformer

IMPOSSIBLE = [
    (Mlp(), TEXT, r"'mlp' gives one output per example.*use rnn, lstm, gru or transformer"),
    (Cnn(), FLAT, r"'cnn' needs images.*\(2, 3\).*use mlp"),
    (Cnn(), TOKENS, r"'cnn' needs images.*\(6,\)"),
    (Cnn(channels=(4, 4)), IMAGES, r"conv2 has nothing left of \d pixels.*use fewer layers"),
    (Cnn(kernel=10), IMAGES, r"conv1 has nothing left of \d pixels"),
    (Cnn(kernel=4, padding="same"), IMAGES, r"kernel 4 is even.*odd"),
    (Resnet(), SERIES, r"'resnet' needs images"),
    (
        Resnet(channels=(6, 12), groups=4),
        IMAGES,
        r"groups 4 does not divide 6 channels: use a common",
    ),
    (Resnet(channels=(16, 8)), IMAGES, r"\(16, 8\) shrink.*list them rising"),
    (Rnn(), NUMBERS, r"'rnn' needs sequences.*\(6,\).*use mlp"),
    (Lstm(), NUMBERS, r"'lstm' needs sequences"),
    (Gru(), NUMBERS, r"'gru' needs sequences"),
    (Transformer(), NUMBERS, r"'transformer' needs sequences"),
    (Transformer(width=10, heads=4), TEXT, r"heads 4 does not divide model.width 10: use a divisor"),
    (Transformer(z_loss=1e-4), SERIES, r"z_loss 0.0001 needs logits.*regression.*set it to 0"),
    (Detector(), IMAGES, r"'detector' needs boxes.*'classification'.*use cnn"),
]


@pytest.mark.parametrize(("config", "shape", "message"), IMPOSSIBLE)
def test_an_impossible_pair_is_refused(config: ModelBase, shape: DataShape, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        config.build(shape)


def test_any_image_model_can_be_asked_for_boxes() -> None:
    for config in (Mlp(), Cnn(), Resnet()):
        specs = config.build(BOXES).layout.specs
        assert specs[-1].shape == (BOXES.output_size,)


def test_the_articles_cnn_has_the_size_that_its_article_gives() -> None:
    layout = Cnn().build(DataShape((1, 28, 28), 10, 60_000)).layout
    conv, dense, output = 32 * (9 + 1), 128 * (32 * 13 * 13 + 1), 10 * (128 + 1)
    assert layout.size == conv + dense + output
