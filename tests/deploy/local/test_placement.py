"""PostgreSQL's data goes where its user can reach it, and nobody else's folder is ever used."""

import os
from pathlib import Path

import pytest

from deploy.local import placement
from deploy.local.placement import NOBODY, Misplaced, data_home, ensure_own_folder, forget, is_reachable

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user runs PostgreSQL as himself")


@pytest.fixture
def system_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "system"
    folder.mkdir(mode=0o755)
    monkeypatch.setattr(placement, "SYSTEM_FOLDER", folder)
    return folder


@pytest.fixture
def private(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


def test_private_folder_is_out_of_reach(private: Path) -> None:
    assert not is_reachable(private, NOBODY)
    assert is_reachable(Path("/"), NOBODY)


def test_ordinary_user_keeps_data_in_place(private: Path) -> None:
    assert data_home(private / "postgres", None) == private / "postgres"
    assert (private / "postgres").stat().st_mode & 0o777 == 0o700


@as_root
def test_data_of_a_private_clone_lies_below_the_system_folder(private: Path, system_folder: Path) -> None:
    data = data_home(private / "postgres", NOBODY)
    assert data.is_relative_to(system_folder)
    assert data.stat().st_uid == NOBODY
    assert (private / "postgres").resolve() == data
    assert data_home(private / "postgres", NOBODY) == data


@as_root
def test_data_of_a_deleted_var_is_not_found_again(private: Path, system_folder: Path) -> None:
    data = data_home(private / "postgres", NOBODY)
    (data / "old").touch()
    (private / "postgres").unlink()
    assert not (data_home(private / "postgres", NOBODY) / "old").exists()


@as_root
def test_forgotten_data_is_gone_on_both_sides(private: Path, system_folder: Path) -> None:
    data_home(private / "postgres", NOBODY)
    forget(private / "postgres")
    assert list(system_folder.iterdir()) == []
    assert list(private.iterdir()) == []


def test_forgetting_twice_is_nothing(private: Path) -> None:
    data_home(private / "postgres", None)
    forget(private / "postgres")
    forget(private / "postgres")
    assert list(private.iterdir()) == []


def test_two_clones_have_two_places(tmp_path: Path) -> None:
    assert placement.private_copy_of(tmp_path / "a") != placement.private_copy_of(tmp_path / "b")


def test_prepared_link_in_the_system_folder_is_refused(private: Path, system_folder: Path) -> None:
    trap = system_folder / "lienthong-trap"
    trap.symlink_to(private)
    with pytest.raises(Misplaced):
        ensure_own_folder(trap)


@as_root
def test_folder_of_somebody_else_is_refused(system_folder: Path) -> None:
    foreign = system_folder / "lienthong-foreign"
    foreign.mkdir()
    os.chown(foreign, NOBODY, NOBODY)
    with pytest.raises(Misplaced):
        ensure_own_folder(foreign)
