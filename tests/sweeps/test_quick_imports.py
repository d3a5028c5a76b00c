"""What is imported without looking for garbage, and that garbage is looked for again afterwards."""

import subprocess
import sys


def in_a_process_of_its_own(script: str) -> None:
    subprocess.run([sys.executable, "-c", script], check=True)


def test_nothing_is_collected_while_importing_and_what_was_imported_is_left_out_afterwards() -> None:
    in_a_process_of_its_own("""
import gc
from sweeps.quick_imports import quick_imports
looks = []
gc.callbacks.append(lambda phase, info: looks.append(phase))
with quick_imports():
    import json.tool, xml.dom.minidom, email.mime.text
    kept = [[] for _ in range(100_000)]
assert not looks
assert gc.isenabled()
assert gc.get_freeze_count() > 100_000
""")


def test_a_cycle_made_afterwards_is_collected() -> None:
    in_a_process_of_its_own("""
import gc, weakref
from sweeps.quick_imports import quick_imports
with quick_imports():
    pass
class Node: pass
node = Node(); node.itself = node
gone = weakref.ref(node)
del node
gc.collect()
assert gone() is None
""")


def test_garbage_is_looked_for_again_after_an_import_that_failed() -> None:
    in_a_process_of_its_own("""
import gc
from sweeps.quick_imports import quick_imports
try:
    with quick_imports():
        import sweeps.nothing_of_that_name
except ModuleNotFoundError:
    assert gc.isenabled()
else:
    raise AssertionError
""")


def test_a_worker_process_collects_garbage() -> None:
    in_a_process_of_its_own("import gc, sweeps.ray_preload; assert gc.isenabled() and gc.get_freeze_count()")


def test_what_is_left_out_of_an_import_can_be_imported_afterwards() -> None:
    in_a_process_of_its_own("""
from sweeps.quick_imports import without
import json
with without("colorsys", "json"):
    import json
    try:
        import colorsys
    except ImportError:
        pass
    else:
        raise AssertionError
import colorsys, sys
assert sys.modules["json"] is json
""")
