"""Property tests draw the same examples in every run, and a slow machine fails none of them."""

from hypothesis import settings

settings.register_profile("steady", max_examples=40, deadline=None, derandomize=True)
settings.load_profile("steady")
