"""Page tests need Debian's Chromium. Without it they aren't collected, unless they are asked for by name."""

import os
import shutil

if shutil.which("chromium") is None:
    if "chromium" in os.environ.get("XIANGBAN_TESTS_NEED", ""):
        raise RuntimeError("Chromium is needed here and is not installed: apt-get install chromium")
    collect_ignore_glob = ["test_*.py"]
