"""The county of the transcripts. Without LibreOffice and poppler the tests of pages aren't collected."""

import os
import shutil

from tests.conversations.conftest import county

__all__ = ["county"]

if shutil.which("soffice") is None or shutil.which("pdftotext") is None:
    if "office" in os.environ.get("XIANGBAN_TESTS_NEED", ""):
        raise RuntimeError(
            "LibreOffice and poppler are needed here: apt-get install libreoffice-writer-nogui "
            "libreoffice-calc-nogui poppler-utils"
        )
    collect_ignore = ["test_office.py"]
