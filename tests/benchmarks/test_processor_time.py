import subprocess
import sys

from benchmarks.processor_time import ProcessorTime

BURN = "import time\nwhile time.process_time() < 0.3: pass"


def test_a_process_that_has_ended_counts_and_belongs_to_nobody_else() -> None:
    before = ProcessorTime.now()
    subprocess.run([sys.executable, "-c", BURN], check=True)
    used = ProcessorTime.now().since(before)
    assert used.ours > 0.25
    assert used.everybody > 0.25


def test_coarse_clocks_never_give_others_less_than_nothing() -> None:
    assert ProcessorTime(ours=1.01, everybody=1.0).others == 0.0
    assert ProcessorTime(ours=1.0, everybody=1.5).others == 0.5
