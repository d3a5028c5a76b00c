"""Initial parameters of trials."""

from torch import Tensor

from trainers.config import TrialConfig
from trainers.layout import ParameterLayout
from trainers.seeds import generator


class InitialRows:
    """Initial parameters by init config and seed; trials that differ in something else share the work."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, int], Tensor] = {}

    def __call__(self, config: TrialConfig, layout: ParameterLayout) -> Tensor:
        """The float64 row (P,) of one trial; never write into it."""
        key = (config.init.model_dump_json(), config.seed)
        if key not in self._rows:
            self._rows[key] = config.init.initialize(layout, generator(config.seed, "init"))
        return self._rows[key]
