"""The translations of a form (itext)."""

from __future__ import annotations

from xlsform.model import Parts
from xlsform.nodes import Node
from xlsform.reading import Reader, attribute

Texts = dict[str, dict[str, dict[str, Parts]]]
"""language -> key -> form ("" for the plain text, image, audio, video, guidance, ...) -> text."""


def read_texts(root: Node, reader: Reader) -> tuple[tuple[str, ...], str, Texts]:
    """The languages in the form's order, the default one, and the texts; () and "" for a form without."""
    head = root.child("head")
    model = head.child("model") if head is not None else None
    itext = model.child("itext") if model is not None else None
    texts: Texts = {}
    default = ""
    for translation in itext.elements() if itext is not None else []:
        language = attribute(translation, "lang")
        if any(a.local == "default" and a.value not in ("false()", "false") for a in translation.attributes):
            default = default or language
        keys = texts.setdefault(language, {})
        for text in translation.elements():
            key = attribute(text, "id")
            forms = keys.setdefault(key, {})
            for value in text.elements():
                if value.local == "value":
                    forms.setdefault(attribute(value, "form"), reader.parts(value, f"itext {key}"))
    names = tuple(texts)
    if len(names) == 1 and names[0] == "default":
        return (), "default", texts
    return names, default or (names[0] if names else ""), texts
