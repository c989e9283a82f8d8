"""Paths as text: made absolute, and freed of instance numbers."""

from __future__ import annotations


def resolve(path: str, base: str) -> str:
    """A path such as `../age` seen from the node at `base`, as an absolute path."""
    path = path.strip()
    if path.startswith("/"):
        return path
    names = base.split("/")
    for part in path.split("/"):
        if part == "..":
            names = names[:-1]
        elif part not in (".", "current()", ""):
            names.append(part)
    return "/".join(names)


def without_numbers(ref: str) -> str:
    """The field of a ref: `/data/child[2]/age` is a node of `/data/child/age`."""
    return "/".join(part.partition("[")[0] for part in ref.split("/"))
