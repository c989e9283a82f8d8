"""The shape of the primary instance: its paths, repeat templates and the tree every session starts from."""

from __future__ import annotations

from collections.abc import Mapping

from xlsform.errors import FormError
from xlsform.markup import folded
from xlsform.nodes import Node
from xlsform.values import typed

_OPENROSA = "http://openrosa.org/xforms"
MOST_FIELDS = 5_000
"""The largest published forms have about 700; a bot loads this many in a second."""


class Skeleton:
    """Reads the first instance of a model.

    `document` is the tree to copy; `templates` a clean instance per repeat path; `paths` every path in
    document order; `below` the paths under a path; `order` the child names of a group; `enclosing` the
    repeats around a path.
    """

    def __init__(self, model: Node, repeats: set[str]) -> None:
        first = next((n for n in model.elements() if n.local == "instance"), None)
        if first is None or not first.elements():
            raise FormError("the form has no primary instance", "model")
        self.repeats = repeats
        self.templates: dict[str, Node] = {}
        self.order: dict[str, tuple[str, ...]] = {}
        self.document = Node("document")
        self.root = self.document.append(folded(first.elements()[0]))
        self._add_meta(_prefix(model))
        self._paths: dict[str, None] = {}
        self._survey(self.root, f"/{self.root.name}")
        self._extract(self.root, f"/{self.root.name}")
        self.first_instances = frozenset(path for path in repeats if self._in_document(path))
        self._complete_templates()
        self.paths = tuple(self._paths)
        if len(self.paths) > MOST_FIELDS:
            raise FormError(f"the form has {len(self.paths)} fields; {MOST_FIELDS} is the most", "model")
        below: dict[str, set[str]] = {}
        self.enclosing: dict[str, tuple[str, ...]] = {}
        for path in self.paths:
            parents = _parents(path)
            for parent in parents:
                below.setdefault(parent, set()).add(path)
            self.enclosing[path] = tuple(p for p in (*parents, path) if p in repeats)
        self.below = {path: frozenset(inner) for path, inner in below.items()}

    def known(self, ref: str) -> str:
        """The path as it stands in the instance: a missing prefix is found by local names."""
        if ref in self._paths:
            return ref
        wanted = [part.rpartition(":")[2] for part in ref.split("/")]
        for path in self._paths:
            if [part.rpartition(":")[2] for part in path.split("/")] == wanted:
                return path
        return ref

    def datasets(self) -> set[str]:
        """The lists whose entities the form creates or updates."""
        trees = (self.document, *self.templates.values())
        return {n.attribute("dataset") for tree in trees for n in tree.walk() if n.local == "entity"} - {""}

    def cast(self, types: Mapping[str, str]) -> None:
        """Write default values as nodes of their types hold them."""
        for start, base in [(self.root, f"/{self.root.name}"), *((t, p) for p, t in self.templates.items())]:
            stack = [(start, base)]
            while stack:
                node, path = stack.pop()
                if node.value and not node.children:
                    node.value = typed(node.value, types.get(path, "string"))
                stack.extend((child, f"{path}/{child.name}") for child in node.elements())

    def number(self, index: Mapping[str, int]) -> None:
        """Give every node the number of its field, which its copies keep."""
        for start, base in [(self.root, f"/{self.root.name}"), *((t, p) for p, t in self.templates.items())]:
            stack = [(start, base)]
            while stack:
                node, path = stack.pop()
                node.field = index.get(path, -1)
                for attribute in node.attributes:
                    attribute.field = index.get(f"{path}/@{attribute.name}", -1)
                stack.extend((child, f"{path}/{child.name}") for child in node.elements())

    def _add_meta(self, prefix: str) -> None:
        meta = self.root.child("meta")
        if meta is None:
            meta = self.root.append(Node("element", f"{prefix}:meta" if prefix else "meta", "", _OPENROSA))
        self.added_instance_id = meta.child("instanceID") is None
        if self.added_instance_id:
            prefix = meta.name.rpartition(":")[0]
            meta.append(
                Node("element", f"{prefix}:instanceID" if prefix else "instanceID", "", meta.namespace)
            )

    def _survey(self, node: Node, path: str) -> None:
        """Every path once, those of templates included."""
        self._paths.setdefault(path)
        names: dict[str, None] = {}
        for attribute in node.attributes:
            if path != f"/{self.root.name}" and attribute.namespace == "":
                self._paths.setdefault(f"{path}/@{attribute.name}")
        for child in node.elements():
            names.setdefault(child.name)
            self._survey(child, f"{path}/{child.name}")
        if names:
            self.order[path] = tuple({**dict.fromkeys(self.order.get(path, ())), **names})

    def _extract(self, node: Node, path: str) -> None:
        """Take the templates out of the tree, inner ones first."""
        for child in list(node.elements()):
            inner = f"{path}/{child.name}"
            self._extract(child, inner)
            marked = [a for a in child.attributes if a.local == "template"]
            if marked:
                child.attributes = [a for a in child.attributes if a.local != "template"]
                node.remove(child)
                self.templates.setdefault(inner, child)

    def _in_document(self, path: str) -> list[Node]:
        found = [self.document]
        for name in path.split("/")[1:]:
            found = [child for node in found for child in node.named(name)]
        return found

    def _complete_templates(self) -> None:
        """A repeat without a template takes its first instance as one."""
        for path in self.repeats - set(self.templates):
            found = self._in_document(path)
            source = found[0] if found else self._inside_template(path)
            if source is None or source.kind != "element":
                raise FormError("the repeat is not in the form's instance", path)
            self.templates[path] = source.copy()

    def _inside_template(self, path: str) -> Node | None:
        for outer, template in self.templates.items():
            if path.startswith(outer + "/"):
                found = [template]
                for name in path[len(outer) + 1 :].split("/"):
                    found = [child for node in found for child in node.named(name)]
                if found:
                    return found[0]
        return None


def _prefix(model: Node) -> str:
    """The prefix that the document declares for OpenRosa's namespace, "" if none."""
    up: Node | None = model
    while up is not None:
        for attribute in up.attributes:
            if attribute.name.startswith("xmlns:") and attribute.value == _OPENROSA:
                return attribute.name[6:]
        up = up.parent
    return ""


def _parents(path: str) -> list[str]:
    """The paths above, outermost first."""
    parts = path.split("/")
    return ["/".join(parts[:i]) for i in range(2, len(parts))]
