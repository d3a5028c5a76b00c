"""What the runner and its workers tell each other about a pack."""

import base64
import json
import zlib
from dataclasses import dataclass, replace

from trainers.config import TrialConfig
from trainers.progress import PackProgress
from trainers.record import PackRecord, TrialRecord
from trainers.trial import PackTrial


@dataclass(frozen=True)
class PackOrder:
    """A pack to train: its number, its trials, and how many it had before some of them ended."""

    pack: int
    trials: tuple[PackTrial, ...]
    num_entered: int

    def to_text(self) -> str:
        """The order as one short word that `from_text` reads back exactly.

        Ray Tune copies, flattens and stores every leaf of a config, so the trials are one leaf, and a small
        one: configs of a pack differ in little.
        """
        trials = ",".join(f"[{trial.number},{trial.config.model_dump_json()}]" for trial in self.trials)
        document = f'{{"pack":{self.pack},"entered":{self.num_entered},"trials":[{trials}]}}'
        return base64.urlsafe_b64encode(zlib.compress(document.encode())).decode("ascii")

    @classmethod
    def from_text(cls, text: str) -> "PackOrder":
        """Read what `to_text` wrote."""
        document = json.loads(zlib.decompress(base64.urlsafe_b64decode(text)))
        trials = (
            PackTrial(number, TrialConfig.model_validate(config)) for number, config in document["trials"]
        )
        return cls(document["pack"], tuple(trials), document["entered"])


@dataclass(frozen=True, repr=False)
class PackReport:
    """News of a pack: the trials that ended since the last report. `record` comes with the last one.

    `standing` comes with a rung, and is what to make of the pack if its trial is stopped there.

    It prints short, because Ray Tune formats every result for a debug log that nobody reads.
    """

    pack: int
    records: tuple[TrialRecord, ...]
    progress: PackProgress
    record: PackRecord | None
    standing: tuple[TrialRecord, PackRecord] | None = None

    def stopped(self) -> "PackReport":
        """The report of a pack that ends here because its only trial is stopped."""
        if self.standing is None:
            return self
        trial, record = self.standing
        return replace(self, records=(trial,), record=record, standing=None)

    def __repr__(self) -> str:
        return f"PackReport(pack={self.pack}, {len(self.records)} trials)"
