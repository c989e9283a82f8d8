"""Runs any XLSForm as a conversation: load an XForm, fill it in question by question, read the submission.

>>> form = load(xform_text)                                    # doctest: +SKIP
>>> session = Session.start(form, Context(now=datetime.now(UTC)))  # doctest: +SKIP
>>> while (prompt := session.prompt()) is not None: ...        # doctest: +SKIP

`xlsform.publish` compiles workbooks (it alone needs pyxform), `xlsform.answers` reads what people type,
`xlsform.author` tells authors what is wrong and where, `xlsform.workbook` and `xlsform.writing` read and
write Excel, CSV and Markdown, `xlsform.export` makes tables of submissions. README.md here says more.
"""

from xlsform.choices import Choice
from xlsform.context import Context
from xlsform.errors import ExpressionError, FormError
from xlsform.loader import load
from xlsform.model import Field, Form, Range
from xlsform.parking import Parking
from xlsform.prompts import Problem, Prompt, RepeatPrompt, ReviewLine
from xlsform.session import Session
from xlsform.submission import Entity, Submission

__all__ = [
    "Choice", "Context", "Entity", "ExpressionError", "Field", "Form", "FormError", "Parking", "Problem",
    "Prompt", "Range", "RepeatPrompt", "ReviewLine", "Session", "Submission", "load",
]  # fmt: skip
