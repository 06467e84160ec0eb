"""What an earlier launcher left is stopped; what only looks like it is not."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil

from deploy.local.leftovers import ProcessRecord, is_server_on, lock_file_lines, stop_recorded, take_over_data
from deploy.local.process import Process


def record_of(process: Process) -> ProcessRecord:
    assert process.pid is not None
    record = ProcessRecord.of("thing", process.pid)
    assert record is not None
    return record


def test_recorded_process_is_stopped(run_python: Callable[..., Process]) -> None:
    process = run_python()
    record = ProcessRecord.from_json(record_of(process).as_json())
    assert stop_recorded([record], seconds=5) == [record]
    assert process.exit_code is not None


def test_process_with_the_same_number_but_another_start_is_left(run_python: Callable[..., Process]) -> None:
    process = run_python()
    record = replace(record_of(process), started_at=record_of(process).started_at - 60)
    assert stop_recorded([record], seconds=5) == []
    assert process.is_running


def test_process_with_the_same_number_but_another_command_is_left(run_python: Callable[..., Process]) -> None:
    process = run_python()
    record = replace(record_of(process), command=("python", "-m", "identity", "serve"))
    assert stop_recorded([record], seconds=5) == []
    assert process.is_running


def test_process_that_is_gone_is_no_leftover(run_python: Callable[..., Process]) -> None:
    process = run_python()
    record = record_of(process)
    process.kill()
    assert record.find() is None
    assert ProcessRecord.of("thing", record.pid) is None


def test_lock_file_of_a_stranger_is_removed_and_the_stranger_left(
    tmp_path: Path, run_python: Callable[..., Process]
) -> None:
    stranger = run_python()
    (tmp_path / "postmaster.pid").write_text(f"{stranger.pid}\n{tmp_path}\n")
    take_over_data(tmp_path)
    assert lock_file_lines(tmp_path) == []
    assert stranger.is_running


def test_lock_file_of_nobody_is_removed(tmp_path: Path) -> None:
    unused = next(number for number in range(4_000_000, 4_100_000) if not psutil.pid_exists(number))
    (tmp_path / "postmaster.pid").write_text(f"{unused}\n{tmp_path}\n")
    take_over_data(tmp_path)
    assert not (tmp_path / "postmaster.pid").exists()


def test_only_a_server_on_this_very_folder_counts(tmp_path: Path) -> None:
    assert is_server_on(tmp_path, ["/x/bin/postgres", "-D", str(tmp_path), "-c", "port=1"])
    assert not is_server_on(tmp_path, ["/x/bin/postgres", "-D", f"{tmp_path}-other"])
    assert not is_server_on(tmp_path, ["/x/bin/psql", "-D", str(tmp_path)])
    assert not is_server_on(tmp_path, [])


def test_our_own_record_finds_us() -> None:
    record = ProcessRecord.of("test", os.getpid())
    assert record is not None
    assert record.find() is not None
