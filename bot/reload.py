"""Forms taken over while the bot works: FORMS_DIR is watched, what changed is published apart."""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Generic, TypeVar

from bot.forms import KINDS, MEDIA, PATIENCE, FormFaults, compiled_forms
from bot.settings import Settings
from bot.supervise import Beat
from conversations.shelf import FormShelf, ShelfError, load_shelf

LOG = logging.getLogger("bot.reload")
LOOK_EVERY = 2.0
V = TypeVar("V")
Seen = Mapping[str, tuple[int, int]]


class Current(Mapping[str, V], Generic[V]):
    """A mapping whose whole content is exchanged at once."""

    def __init__(self, content: Mapping[str, V]) -> None:
        self._content = content

    def take(self, content: Mapping[str, V]) -> None:
        """From now on the content is this one."""
        self._content = content

    def __getitem__(self, key: str) -> V:
        return self._content[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._content)

    def __len__(self) -> int:
        return len(self._content)


class Forms:
    """The forms in force. `shelf` is always the newest that can be used; `faults` say why a newer one can't.

    A folder with a broken form changes nothing at all: the forms in force stay, the lines stand in `faults`
    (and so in /readyz) and in the log, until the folder is mended.
    """

    def __init__(self, settings: Settings, shelf: FormShelf) -> None:
        self.faults: tuple[str, ...] = ()
        self.taken = 0
        self._settings = settings
        self._forms = Current(shelf.forms)
        self._media = Current(shelf.media)
        self._seen = seen(settings.forms_dir)
        self.shelf = FormShelf(forms=self._forms, media=self._media)

    async def watch(self, beat: Beat) -> None:
        """Look for ever; take over what changed once it has stopped changing."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            beat()
            await self.look(beat)

    async def look(self, beat: Beat) -> None:
        """Take over what changed since the last time, unless it is still being written."""
        found = await asyncio.to_thread(seen, self._settings.forms_dir)
        if found == self._seen:
            return
        await asyncio.sleep(LOOK_EVERY / 4)
        if await asyncio.to_thread(seen, self._settings.forms_dir) != found:
            return
        self._seen = found
        await beat.during(self._take_over(), 2 * PATIENCE)

    async def _take_over(self) -> None:
        try:
            compiled = await compiled_forms(self._settings.forms_dir, self._settings.data_dir)
            shelf = await asyncio.to_thread(load_shelf, compiled)
        except (FormFaults, ShelfError) as error:
            self._refuse(error.faults)
            return
        except OSError as error:
            self._refuse((f"{error.filename}: {error.strerror}",))
            return
        before = {name: form.digest for name, form in self._forms.items()}
        after = {name: form.digest for name, form in shelf.forms.items()}
        changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
        self._forms.take(shelf.forms)
        self._media.take(shelf.media)
        self.faults = ()
        self.taken += 1
        LOG.info("forms taken over: %s", ", ".join(changed) or "only their files changed")

    def _refuse(self, faults: tuple[str, ...]) -> None:
        self.faults = faults
        for line in faults:
            LOG.error("the forms in force stay, for a new one can't be used: %s", line)


def seen(folder: Path | None) -> Seen:
    """Every file that belongs to a form, with its size and time of change; empty where there is no folder."""
    if folder is None or not folder.is_dir():
        return {}
    found: dict[str, tuple[int, int]] = {}
    for path in (p for place in (folder, *_media_folders(folder)) for p in place.iterdir()):
        if (path.parent == folder and path.suffix.lower() not in KINDS) or path.name[0] in ".~":
            continue
        try:
            status = path.stat()
        except OSError:  # gone between two looks
            continue
        found[str(path.relative_to(folder))] = (status.st_mtime_ns, status.st_size)
    return found


def _media_folders(folder: Path) -> list[Path]:
    return [p for p in folder.iterdir() if p.is_dir() and p.name.endswith(MEDIA)]
