import subprocess
import sys

from benchmarks.processor_time import processor_time

BURN = "import time\nwhile time.process_time() < 1.5: pass"


def test_a_process_that_has_ended_still_counts_and_belongs_to_nobody_else() -> None:
    with processor_time() as used:
        subprocess.run([sys.executable, "-c", BURN], check=True)
    assert used.ours > 0.5
    assert used.others >= 0.0


def test_time_from_before_does_not_count() -> None:
    with processor_time() as first:
        subprocess.run([sys.executable, "-c", BURN], check=True)
    with processor_time() as second:
        pass
    assert second.ours < first.ours
