"""What is wrong with a template: every name that it can't say, with what was probably meant."""

import difflib
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from jinja2 import TemplateError, TemplateSyntaxError, nodes

from bot.commands.words import say
from bot.documents.kinds import Kind
from bot.documents.word import filled, tried
from bot.guard import PACKAGE, Refused, inspect_bytes
from conversations.press import Unprintable

LARGEST = 5 * 1024 * 1024  # bytes; a template with a seal and a letterhead has some hundred kilobytes
_PAGES = re.compile(r"word/(?:document|header\d*|footer\d*|footnotes)\.xml")
_TAG = re.compile(r"<[^>]*>")
_BRACES = re.compile(r"[{｛]+[%％]?\s*[A-Za-z_][^{}｛｝]{0,40}[}｝]*")
_OF_DAYS = ("year", "month", "day")
_OF_LOOPS = ("first", "last", "index", "index0", "length", "revindex", "revindex0", "odd", "even", "depth")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong; ``key`` names the sentence that says it."""

    key: str
    values: Mapping[str, str] = field(default_factory=dict)

    def line(self, file: str, language: str) -> str:
        """The file and what is wrong in it."""
        return f"{file}: {say(language, self.key, **self.values)}"


def faults_of(content: bytes, kind: Kind) -> list[Fault]:
    """All that keeps ``content`` from being a template of this kind; empty if it is one."""
    if len(content) > LARGEST:
        return [Fault(key="documents.too_large", values={"megabytes": str(LARGEST // 1024**2)})]
    if not content.startswith(PACKAGE):
        return [Fault(key="documents.no_word")]
    try:
        inspect_bytes(content)
        environment, printed = tried(content, kind)
    except Refused as error:
        return [Fault(key="documents.refused_file", values={"reason": error.key.rpartition(".")[2]})]
    except TemplateSyntaxError as error:
        return [Fault(key="documents.syntax", values={"reason": str(error.message), "near": _near(error)})]
    except TemplateError as error:
        return [Fault(key="documents.refused", values={"reason": str(error)})]
    except Exception as error:  # a file that only calls itself .docx can go wrong anywhere in three libraries
        return [Fault(key="documents.unreadable", values={"reason": type(error).__name__})]
    found = [fault for part in environment.sources for fault in _names(environment.parse(part), kind, {})]
    found += _left_over(printed)
    return list({repr(fault): fault for fault in found}.values()) or _unprintable(content, kind)


def _unprintable(content: bytes, kind: Kind) -> list[Fault]:
    """Why a template whose names are all known still can't be printed, also where there is nothing to say."""
    for values in (kind.samples(), kind.empty(), kind.bare()):
        try:
            filled(content, "", kind, values)
        except Unprintable as error:
            return [Fault(key="documents.refused", values={"reason": str(error).partition(": ")[2]})]
    return []


def _left_over(printed: bytes) -> Iterator[Fault]:
    """Braces with a name that are still on the paper: single ones, or wide ones of a Chinese keyboard."""
    with zipfile.ZipFile(io.BytesIO(printed)) as package:
        parts = [package.read(n).decode() for n in package.namelist() if _PAGES.fullmatch(n)]
    for part in parts:
        for paragraph in part.split("</w:p>"):
            text = _TAG.sub("", paragraph)
            for near in _BRACES.findall(text):
                yield Fault(key="documents.braces", values={"near": near})


def _near(error: TemplateError) -> str:
    """The words of the template around a fault."""
    lines = (line.strip() for line in getattr(error, "docx_context", ()))
    return " ".join(line for line in lines if line)[:120]


def _names(node: nodes.Node, kind: Kind, local: Mapping[str, frozenset[str]]) -> Iterator[Fault]:
    """``local``: what a template named itself, and what each of these names has."""
    if isinstance(node, nodes.For):
        yield from _names(node.iter, kind, local)
        inside = {**local, **_loop(node, kind)}
        for child in (*node.body, *([node.test] if node.test is not None else [])):
            yield from _names(child, kind, inside)
        for child in node.else_:
            yield from _names(child, kind, local)
        return
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        yield from _part_of(node.node.name, node.attr, kind, local)
        return
    if isinstance(node, nodes.Name) and node.ctx == "load" and node.name not in local:
        if node.name not in kind.values and node.name not in kind.rows:
            yield _not_known(node.name, [*kind.values, *kind.rows])
        return
    for child in node.iter_child_nodes():
        yield from _names(child, kind, local)


def _loop(node: nodes.For, kind: Kind) -> dict[str, frozenset[str]]:
    if not isinstance(node.target, nodes.Name):
        return {}
    rows = kind.rows.get(node.iter.name) if isinstance(node.iter, nodes.Name) else None
    own = frozenset(rows.values if rows is not None else ())
    return {"loop": frozenset(_OF_LOOPS), node.target.name: own}


def _part_of(name: str, attribute: str, kind: Kind, local: Mapping[str, frozenset[str]]) -> Iterator[Fault]:
    if name in local:
        if attribute not in local[name]:
            yield _not_known(f"{name}.{attribute}", [f"{name}.{known}" for known in local[name]])
    elif name not in kind.values and name not in kind.rows:
        yield _not_known(name, [*kind.values, *kind.rows])
    elif attribute not in _OF_DAYS:
        yield _not_known(f"{name}.{attribute}", [name])


def _not_known(name: str, known: list[str]) -> Fault:
    meant = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if meant:
        return Fault(key="documents.unknown_meant", values={"name": name, "meant": meant[0]})
    return Fault(key="documents.unknown", values={"name": name, "known": ", ".join(sorted(known))})
