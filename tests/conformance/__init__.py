"""Scores the form engine on recorded facts of other engines; see `score`."""
