"""The forms in force: the packaged ones and those of FORMS_DIR, published once and kept by content digest."""

import asyncio
import base64
import hashlib
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson

from bot.apart import without_secrets
from bot.commands.words import say
from xlsform.findings import Finding

LOG = logging.getLogger("bot.forms")
KINDS = {".xlsx": "xlsx", ".xls": "xls", ".csv": "csv", ".md": "md"}
MEDIA = "-media"  # files that the form "visit" refers to lie in the folder "visit-media" beside it
LARGEST_SOURCE = 5 * 1024 * 1024  # bytes; the field's largest published forms have about one megabyte
PATIENCE = 120.0  # seconds for publishing all that changed
LAYOUT = 2  # of the kept files


class FormFaults(ValueError):
    """Forms that can't be used; each fault is one line that begins with the file's name."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, kw_only=True)
class Source:
    """A form as people edit it; ``name`` is the file's name without its ending, and the form's."""

    name: str
    kind: str
    file: str
    content: bytes
    media: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """A form as the engine reads it."""

    name: str
    file: str
    xform: str
    media: Mapping[str, bytes] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def sources(forms_dir: Path | None) -> dict[str, Source]:
    """The packaged forms, replaced and joined by those of ``forms_dir``, by name. FormFaults."""
    packaged = files("conversations").joinpath("forms")
    found = [
        Source(name=Path(f.name).stem, kind="md", file=f.name, content=f.read_bytes())
        for f in (packaged.iterdir() if packaged.is_dir() else ())
        if f.name.endswith(".md")
    ]
    if forms_dir is not None:
        found += _of_folder(forms_dir)
    return {source.name: source for source in found}


def _of_folder(folder: Path) -> list[Source]:
    paths = sorted(
        p for p in folder.iterdir() if p.is_file() and p.suffix.lower() in KINDS and p.name[0] not in ".~"
    )
    faults = [
        f"{p.name}: larger than {LARGEST_SOURCE} bytes" for p in paths if p.stat().st_size > LARGEST_SOURCE
    ]
    stems = [p.stem for p in paths]
    faults += [f"{p.name}: there is another form named {p.stem}" for p in paths if stems.count(p.stem) > 1]
    if faults:
        raise FormFaults(faults)
    return [
        Source(
            name=p.stem, kind=KINDS[p.suffix.lower()], file=p.name, content=p.read_bytes(), media=media_of(p)
        )
        for p in paths
    ]


def media_of(path: Path) -> dict[str, bytes]:
    """The files that go with a form, by name."""
    folder = path.with_name(path.stem + MEDIA)
    return (
        {f.name: f.read_bytes() for f in sorted(folder.iterdir()) if f.is_file()} if folder.is_dir() else {}
    )


async def compiled_forms(forms_dir: Path | None, data_dir: Path) -> dict[str, Compiled]:
    """All forms in force by name, published anew where the content changed. FormFaults names each bad one."""
    wanted = sources(forms_dir)
    shelf = data_dir / "forms"
    shelf.mkdir(parents=True, exist_ok=True)
    kept = {name: _kept(shelf / f"{digest(source)}.json") for name, source in wanted.items()}
    missing = [wanted[name] for name, found in kept.items() if found is None]
    if missing:
        LOG.info("publishing %s", ", ".join(source.file for source in missing))
        for source, answer in zip(missing, await _publish(missing), strict=True):
            kept[source.name] = answer
    faults = [
        _fault(wanted[name], answer, "en")
        for name, answer in kept.items()
        if answer and "xform" not in answer
    ]
    if faults:
        raise FormFaults(faults)
    for source in missing:
        _keep(shelf / f"{digest(source)}.json", kept[source.name])
    return {name: _compiled(wanted[name], answer) for name, answer in kept.items() if answer is not None}


async def published(source: Source, language: str) -> Compiled:
    """One form, published. FormFaults."""
    (answer,) = await _publish([source])
    if "xform" not in answer:
        raise FormFaults([_fault(source, answer, language)])
    return _compiled(source, answer)


async def examined(source: Source, language: str, live: Sequence[str]) -> list[Finding]:
    """All that there is to say about a form; ``live`` names the tables that it is given when it runs.

    FormFaults where it was not even looked into.
    """
    (answer,) = await _publish([source], live=live)
    if "findings" not in answer:
        raise FormFaults([_fault(source, answer, language)])
    return [Finding(**found) for found in answer["findings"]]


def _fault(source: Source, answer: Mapping[str, Any], language: str) -> str:
    """The line that says why a form is not taken, from the publisher's answer."""
    said = say(language, answer["refused"], **answer["values"]) if "refused" in answer else answer["fault"]
    return f"{source.file}: {said}"


def digest(source: Source) -> str:
    """What the published form depends on: content, media, name and kind, and the publisher's version."""
    parts = [str(LAYOUT), version("pyxform"), source.name, source.kind]
    parts += [f"{name} {hashlib.sha256(own).hexdigest()}" for name, own in sorted(source.media.items())]
    return hashlib.sha256("\0".join(parts).encode() + b"\0" + source.content).hexdigest()


def _kept(path: Path) -> dict[str, Any] | None:
    try:
        answer: dict[str, Any] = orjson.loads(path.read_bytes())
        return answer if isinstance(answer["xform"], str) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # not there, or half written: it is published again


def _keep(path: Path, answer: Any) -> None:
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_bytes(orjson.dumps(answer))
    part.replace(path)


def _compiled(source: Source, answer: Mapping[str, Any]) -> Compiled:
    own = {name: base64.b64decode(text) for name, text in answer.get("media", {}).items()}
    return Compiled(
        name=source.name,
        file=source.file,
        xform=answer["xform"],
        media={**own, **source.media},
        warnings=tuple(answer.get("warnings", ())),
    )


async def _publish(missing: Sequence[Source], live: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """Publish, or check if ``live`` is given, in a process of its own: on a hostile file the publisher may
    crash, hang or swell.
    """
    answers = await _in_a_process(missing, live)
    if answers is not None:
        return answers
    if len(missing) == 1:
        return [{"fault": "publishing it crashed or took too long"}]
    return [answer for source in missing for answer in await _publish([source], live)]


async def _in_a_process(batch: Sequence[Source], live: Sequence[str] | None) -> list[dict[str, Any]] | None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.publishing", env=without_secrets(),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    work = [
        {
            "name": s.name,
            "kind": s.kind,
            "content": base64.b64encode(s.content).decode(),
            "media": {name: base64.b64encode(content).decode() for name, content in s.media.items()},
            "live": live,
        }
        for s in batch
    ]
    try:
        async with asyncio.timeout(PATIENCE):
            out, _ = await process.communicate(orjson.dumps(work))
        answers = orjson.loads(out)
    except (TimeoutError, ValueError):
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return answers if isinstance(answers, list) and len(answers) == len(batch) else None
