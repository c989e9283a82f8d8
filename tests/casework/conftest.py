"""Hypothesis for the tests of the rules: no deadline, for the machine that runs them may be busy."""

from hypothesis import settings

settings.register_profile("casework", deadline=None)
settings.load_profile("casework")
