"""The process that judges strangers' files: it may die or hang, and the next file is judged all the same."""

import asyncio
from pathlib import Path

import pytest

from casework import judge
from casework.judge import PdfJudge
from chassis.errors import Overloaded
from deploy.local import pki


@pytest.fixture
def roots(tmp_path: Path) -> Path:
    pki.write(tmp_path)
    return tmp_path / "pki" / "roots.pem"


async def test_worker_answers_file_after_file_and_is_replaced_when_it_dies(roots: Path) -> None:
    judge = PdfJudge(roots, seconds=60)
    assert (await judge.judge(b"not a pdf")).state == "unreadable"
    first = judge._process
    assert first is not None
    assert (await judge.judge(b"")).state == "unreadable"
    assert judge._process is first
    first.kill()
    await first.wait()
    assert (await judge.judge(b"not a pdf")).state == "unreadable"
    assert judge._process is not first
    await judge.close()


async def test_worker_that_takes_too_long_is_ended(roots: Path) -> None:
    judge = PdfJudge(roots, seconds=0)
    assert (await judge.judge(b"%PDF-1.7")).state == "unreadable"
    assert judge._process is None


async def test_too_many_waiting_files_are_refused(roots: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "MOST_WAITING", 1)
    busy = PdfJudge(roots, seconds=60)
    first = asyncio.create_task(busy.judge(b"not a pdf"))
    await asyncio.sleep(0)  # it has taken its place
    with pytest.raises(Overloaded):
        await busy.judge(b"not a pdf")
    assert (await first).state == "unreadable"
    await busy.close()
