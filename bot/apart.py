"""What the processes that read strangers' files may know of ours."""

import os


def without_secrets() -> dict[str, str]:
    """The environment without our settings: neither token nor keys."""
    return {key: value for key, value in os.environ.items() if not key.startswith("XIANGBAN_")}
