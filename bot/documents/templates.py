"""The templates in force: the packaged ones, replaced by those of DOCUMENTS_DIR as soon as these are good."""

import logging
from importlib.resources import files
from pathlib import Path

from bot.documents.kinds import kinds
from conversations.press import Unprintable

LOG = logging.getLogger("bot.documents")
ENDING = ".docx"
Stamp = tuple[int, int]


def packaged(name: str) -> bytes:
    """The template that comes with the program."""
    return files("bot.documents").joinpath("packaged", name + ENDING).read_bytes()


def of_folder(folder: Path | None) -> list[Path]:
    """The Word files in a county's folder, without what Word leaves beside a file that is being edited."""
    if folder is None or not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if p.suffix.lower() == ENDING and p.name[0] not in ".~")


def folder_faults(folder: Path | None, language: str) -> list[str]:
    """What is wrong in a county's folder, a line for each fault; files by other names count as faults."""
    return [line for path in of_folder(folder) for line in file_faults(path, path.stem, language)]


def file_faults(path: Path, name: str, language: str) -> list[str]:
    """What is wrong with one file as the template of the kind ``name``."""
    from bot.documents.checking import Fault, faults_of  # reads three libraries that few commands need

    kind = kinds().get(name)
    if kind is None:
        known = ", ".join(each + ENDING for each in sorted(kinds()))
        return [Fault(key="documents.no_kind", values={"known": known}).line(path.name, language)]
    return [fault.line(path.name, language) for fault in faults_of(path.read_bytes(), kind)]


class Templates:
    """Gives the newest good template. A county's file that is at fault is logged; the last good one stays."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._good: dict[str, bytes] = {}
        self._seen: dict[str, Stamp] = {}
        self._faults: dict[str, list[str]] = {}

    @property
    def faults(self) -> tuple[str, ...]:
        """Why the county's newest files are not in force, as far as they were asked for."""
        return tuple(line for lines in self._faults.values() for line in lines)

    def newest(self, name: str) -> bytes:
        """The template of the kind ``name``. A file that is still being written counts as one at fault."""
        path = self._folder / (name + ENDING) if self._folder is not None else None
        stamp = _stamp(path) if path is not None else None
        if path is None or stamp is None:
            self._good.pop(name, None)
            self._seen.pop(name, None)
            self._faults.pop(name, None)
        elif self._seen.get(name) != stamp:
            self._take(path, name, stamp)
        return self._good.get(name) or packaged(name)

    def _take(self, path: Path, name: str, stamp: Stamp) -> None:
        try:
            content, faults = path.read_bytes(), file_faults(path, name, "en")
        except OSError as error:
            content, faults = b"", [f"{path.name}: {error.strerror}"]
        self._seen[name], self._faults[name] = stamp, faults
        if not faults:
            self._good[name] = content
        for line in faults:
            LOG.error("the template in force stays, for a new one can't be used: %s", line)


def _stamp(path: Path) -> Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def open_templates(folder: Path | None) -> Templates:
    """The templates by the county's folder. Unprintable with every fault in it."""
    faults = folder_faults(folder, "en")
    if faults:
        raise Unprintable(faults)
    return Templates(folder)
