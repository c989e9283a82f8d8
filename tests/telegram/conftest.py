"""The main job runs on each database that this machine has, as the storage suite does."""

from tests.storage.conftest import cluster, url

__all__ = ["cluster", "url"]
