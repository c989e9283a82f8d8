"""Two policies side by side on the county's own roster: what would change for whom, before it does."""
