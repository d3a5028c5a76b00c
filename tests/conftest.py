"""One thread for arithmetic in every test process: tests run side by side, one process for each processor."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # read by torch and NumPy when they are first imported
