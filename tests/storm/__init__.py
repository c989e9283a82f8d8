"""Storms: the real bot killed, starved and lied to while people go on talking, and the record judged."""
