"""Property tests are seeded and never fail for being slow."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("seeded", deadline=None, derandomize=True)
settings.load_profile("seeded")
