"""XML in and out of the node tree, without entities, document types or unbounded depth."""

from __future__ import annotations

from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from xlsform.errors import FormError
from xlsform.nodes import Node

MAX_DEPTH = 100
MAX_BYTES = 20_000_000
_XML = "http://www.w3.org/XML/1998/namespace"


def parse(source: str | bytes, *, mixed: bool = False, doctype: bool = False) -> Node:
    """Read a document; the result is the document node.

    With `mixed`, text, comments and instructions become nodes of their own; else the text of an element
    without child elements is its value and other text is dropped. Entity declarations are always refused, a
    bare document type only unless `doctype`. Raises FormError.
    """
    data = source.encode() if isinstance(source, str) else source
    if len(data) > MAX_BYTES:
        raise FormError("the XML is larger than 20 MB")
    builder = _Builder(mixed=mixed, doctype=doctype)
    reader = expat.ParserCreate("utf-8" if isinstance(source, str) else None)
    reader.buffer_text = True
    reader.ordered_attributes = True
    reader.StartElementHandler = builder.start
    reader.EndElementHandler = builder.end
    reader.CharacterDataHandler = builder.characters
    reader.StartDoctypeDeclHandler = builder.declare
    reader.EntityDeclHandler = builder.refuse
    reader.CommentHandler = builder.comment
    reader.ProcessingInstructionHandler = builder.instruction
    reader.StartCdataSectionHandler = builder.flush
    reader.EndCdataSectionHandler = builder.flush
    try:
        reader.Parse(data, True)
    except expat.ExpatError as error:
        raise FormError(f"not well-formed XML: {expat.errors.messages.get(error.code, 'syntax error')}",
                        f"line {error.lineno}") from error  # fmt: skip
    return builder.document


def folded(node: Node) -> Node:
    """A copy of a mixed tree as `parse` gives it without `mixed`: the text of a leaf becomes its value."""
    twin = Node("element", node.name, node.value, node.namespace)
    for attribute in node.attributes:
        twin.set_attribute(attribute.name, attribute.value, attribute.namespace)
    elements = node.elements()
    if elements:
        for child in elements:
            twin.append(folded(child))
    elif node.children:
        twin.value = "".join(child.value for child in node.children if child.kind == "text")
    return twin


def _attach(node: Node, attributes: list[str], scope: dict[str, str]) -> dict[str, str]:
    """Give the node its attributes, name and value in turn; the prefixes that hold from here down."""
    own, prefixed = node.attributes, False
    rest = iter(attributes)
    for key in rest:
        attribute = Node("attribute", key, next(rest))
        attribute.parent = node
        own.append(attribute)
        prefixed = prefixed or ":" in key or key == "xmlns"
    return _qualify(own, scope) if prefixed else scope


def _qualify(attributes: list[Node], scope: dict[str, str]) -> dict[str, str]:
    """Set the namespaces of an element's attributes; the prefixes that hold from there down."""
    declared = {a.name.partition(":")[2]: a.value for a in attributes if a.name.startswith("xmlns")}
    scope = {**scope, **declared} if declared else scope
    for attribute in attributes:
        prefix, colon, _ = attribute.name.rpartition(":")
        if attribute.name.startswith("xmlns"):
            attribute.namespace = "http://www.w3.org/2000/xmlns/"
        elif colon:  # an attribute without a prefix has no namespace
            attribute.namespace = scope.get(prefix, "")
    return scope


class _Builder:
    """Receives the parser's events and grows the tree."""

    def __init__(self, *, mixed: bool, doctype: bool) -> None:
        self.mixed = mixed
        self.doctype = doctype
        self.document = Node("document")
        self.current = self.document
        self.scopes: list[dict[str, str]] = [{"xml": _XML, "": ""}]
        self.pieces: list[str] = []

    def start(self, name: str, attributes: list[str]) -> None:
        if self.pieces:
            self.flush()
        if len(self.scopes) > MAX_DEPTH:
            raise FormError(f"the XML is nested more than {MAX_DEPTH} levels deep")
        scope = self.scopes[-1]
        node = Node("element", name)
        if attributes:
            scope = _attach(node, attributes, scope)
        self.scopes.append(scope)
        node.namespace = scope.get(name.rpartition(":")[0], "") if ":" in name else scope[""]
        self._grow(node)
        self.current = node

    def _grow(self, node: Node) -> None:
        """As `Node.append`, which also drops what is known of a tree; nobody has looked at this one yet."""
        node.parent = self.current
        self.current.children.append(node)

    def end(self, _name: str) -> None:
        if self.pieces:
            self.flush()
        self.scopes.pop()
        node = self.current
        if not self.mixed and any(child.kind == "text" for child in node.children):
            if any(child.kind == "element" for child in node.children):
                node.children = [child for child in node.children if child.kind != "text"]
            else:
                node.value = "".join(child.value for child in node.children)
                node.children = []
        if node.parent is not None:
            self.current = node.parent

    def characters(self, data: str) -> None:
        self.pieces.append(data)

    def flush(self) -> None:
        text = "".join(self.pieces)
        self.pieces.clear()
        if text and self.current is not self.document:
            self._grow(Node("text", "", text))

    def comment(self, data: str) -> None:
        if self.mixed:
            self.flush()
            self.current.append(Node("comment", "", data))

    def instruction(self, target: str, data: str) -> None:
        if self.mixed:
            self.flush()
            self.current.append(Node("instruction", target, data))

    def declare(self, _name: str, _system: str | None, _public: str | None, has_subset: int) -> None:
        if has_subset or not self.doctype:
            raise FormError("the XML declares a document type, which forms must not")

    def refuse(self, *_declaration: object) -> None:
        raise FormError("the XML declares entities, which forms must not")


def write(node: Node) -> str:
    """The node and what is below it as XML text."""
    if node.kind == "document":
        return "".join(write(child) for child in node.children)
    if node.kind != "element":
        return escape(node.value)
    attributes = "".join(f" {a.name}={quoteattr(a.value)}" for a in node.attributes)
    inner = "".join(write(child) for child in node.children) if node.children else escape(node.value)
    return f"<{node.name}{attributes}>{inner}</{node.name}>" if inner else f"<{node.name}{attributes}/>"
