"""For all tests: no county's own settings leak in, and what `.ci/run` promises to have is there."""

import os

from hypothesis import HealthCheck, settings

from tests.storage import postgres

# No test is judged by its time: machines differ. In CI the examples are the same every time.
settings.register_profile(
    "xiangban",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=os.environ.get("CI") == "true",
)
settings.load_profile("xiangban")

if "postgres" in os.environ.get("XIANGBAN_TESTS_NEED", "") and not postgres.is_there():
    raise RuntimeError("PostgreSQL is needed here and is not installed: apt-get install postgresql-15")

for _key in [key for key in os.environ if key.startswith("XIANGBAN_") and key != "XIANGBAN_TESTS_NEED"]:
    del os.environ[_key]
