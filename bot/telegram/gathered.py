"""When what is gathered is complete: once the clock has brought all that it brings at a moment."""

import time
from collections.abc import Callable

LONGEST = 15.0  # seconds of the clock's work at most; then it leaves as it is
SOON = 0.1  # seconds after which it is worth asking again


class Gathered:
    """``gathered()``: whether what waits may leave as it is, which it may not while the clock is ``at_work``.

    But not for ever, by the time that passes, whatever the clock says. `look` is to be called often.
    """

    def __init__(self, at_work: Callable[[], bool], elapsed: Callable[[], float] = time.monotonic) -> None:
        self._at_work = at_work
        self._elapsed = elapsed
        self._since: float | None = None  # when it was found at work, and nothing else since
        self.patience = float("inf")  # seconds after which to ask again; infinite where nobody had to wait

    def look(self) -> None:
        """See whether the clock is at work; who had to wait before is forgotten."""
        self.patience = float("inf")
        if not self._at_work():
            self._since = None
        elif self._since is None:
            self._since = self._elapsed()

    def __call__(self) -> bool:
        self.look()
        complete = self._since is None or self._elapsed() - self._since >= LONGEST
        self.patience = float("inf") if complete else SOON
        return complete
