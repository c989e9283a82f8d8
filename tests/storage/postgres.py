"""A throw-away PostgreSQL: a cluster per session, on a socket in /tmp, an empty database per test."""

import getpass
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
BINARIES = FOLDERS[0] if FOLDERS else Path(shutil.which("initdb") or "/nowhere/initdb").parent


def is_there() -> bool:
    """Whether PostgreSQL's programs are on this machine."""
    return (BINARIES / "initdb").exists() and (BINARIES / "pg_ctl").exists()


def _user() -> str:
    """Who runs the server: initdb refuses root."""
    if os.geteuid() != 0:
        return getpass.getuser()
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


class Cluster:
    """A running server. One that is not ``durable`` outlives its own crash, but not the machine's."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder
        self.durable = durable
        self.data = folder / "data"
        self._user = _user()
        self._numbers = itertools.count(1)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(BINARIES / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", self._user, "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/tmp")

    def start(self) -> None:
        """Make the cluster where there is none, and start it."""
        if not self.data.exists():
            self._run(
                "initdb", "-D", str(self.data), "-U", "xiangban", "-A", "trust", "-E", "UTF8", "--no-sync"
            )
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c max_connections=60"
        if not self.durable:
            options += " -c fsync=off -c full_page_writes=off"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self.data), "-w", "-l", log, "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop it; ``immediate`` is a crash."""
        self._run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "stop")

    def database(self) -> str:
        """The URL of a new, empty database."""
        name = f"t{next(self._numbers)}"
        self._run("createdb", "-h", str(self.folder), "-U", "xiangban", name)
        return f"postgresql://xiangban@/{name}?host={self.folder}"

    def drop(self, url: str) -> None:
        """The database is gone, with whoever is still connected: hundreds of them would fill the disk."""
        name = url.rpartition("@/")[2].partition("?")[0]
        self._run("dropdb", "-h", str(self.folder), "-U", "xiangban", "--force", name)


@contextmanager
def cluster(*, durable: bool = True) -> Iterator[Cluster]:
    """A cluster for as long as the block lasts."""
    folder = Path(tempfile.mkdtemp(prefix="xbpg", dir="/tmp"))
    if os.geteuid() == 0:
        entry = pwd.getpwnam(_user())
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    server = Cluster(folder, durable=durable)
    try:
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
