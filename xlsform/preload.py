"""The beginning and the end of a session: presets, metadata and the first computing."""

from __future__ import annotations

import uuid

from xlsform.engine import Engine
from xlsform.model import Bind
from xlsform.values import stamp


def begin(engine: Engine) -> frozenset[str]:
    """Fill in presets and metadata, compute everything once; the paths of the preset questions."""
    preset = _presets(engine)
    for path, bind in engine.form.binds.items():
        if bind.preload and bind.preload_params != "end":
            for node in engine.tree.all(path):
                node.value = _metadata(engine, bind)
    name_instance(engine, only_added=True)
    engine.compute_all()
    engine.act("odk-instance-first-load", None)
    engine.act("xforms-ready", None)
    engine.act("odk-instance-load", None)
    return preset


def name_instance(engine: Engine, *, only_added: bool) -> None:
    """Give the instance its id; with `only_added`, only where the form itself has no such node."""
    meta = engine.tree.root.child("meta")
    node = meta.child("instanceID") if meta is not None else None
    if node is not None and not node.value and (engine.form.added_instance_id or not only_added):
        node.value = f"uuid:{uuid.uuid4()}"


def _presets(engine: Engine) -> frozenset[str]:
    found: set[str] = set()
    for name, value in engine.context.preset.items():
        for path in [f.ref for f in engine.form.fields if name in (f.ref, f.name)]:
            for node in engine.tree.all(path):
                node.value = value
            found.add(path)
    return frozenset(found)


def _metadata(engine: Engine, bind: Bind) -> str:
    now = engine.context.now
    if bind.preload == "uid":
        return f"uuid:{uuid.uuid4()}"
    if bind.preload == "timestamp":
        return stamp(now)
    if bind.preload == "date":
        return now.date().isoformat()
    if bind.preload == "property":
        return stamp(now) if bind.preload_params == "start" else engine.property(bind.preload_params)
    return ""


def end(engine: Engine) -> None:
    """Write the time of completion, and the instance's id if it has none yet."""
    name_instance(engine, only_added=False)
    for path, bind in engine.form.binds.items():
        if bind.preload == "timestamp" and bind.preload_params == "end":
            for node in engine.tree.all(path):
                engine.set_value(node, stamp(engine.context.now))
