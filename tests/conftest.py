"""Settings of all tests."""

import os

from hypothesis import HealthCheck, settings

# A busy machine is no failure. Continuous integration tries the same examples every time.
settings.register_profile(
    "course",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
settings.load_profile("course")
