"""What a worker process imports before it knows what for."""

from sweeps.quick_imports import quick_imports

with quick_imports():
    import sweeps.ray_pack  # noqa: F401
    import trainers.pack  # noqa: F401
