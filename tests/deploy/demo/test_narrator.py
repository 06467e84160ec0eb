"""The story stops at the first claim that does not hold, and says what came instead."""

from io import StringIO

import pytest

from deploy.demo import __main__ as demo
from deploy.demo.narrator import ClaimBroken, Narrator
from deploy.demo.stage import Stage


def test_claims_that_hold_are_counted_and_told_in_both_languages() -> None:
    out = StringIO()
    tell = Narrator(out)
    tell.step("Bước một", "Step one")
    tell.claim("đúng", "it holds", holds=True)
    assert tell.held == 1
    assert "1. Bước một" in out.getvalue()
    assert "✓ đúng · it holds" in out.getvalue()


def test_broken_claim_raises_with_what_came() -> None:
    with pytest.raises(ClaimBroken, match="khác"):
        Narrator(StringIO()).claim("đúng", "it holds", holds=False, got={"value": "khác"})


@pytest.mark.parametrize("failure", [ClaimBroken("no"), KeyError("visits"), ValueError("not JSON")])
def test_exit_code_tells_that_the_story_broke(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], failure: Exception
) -> None:
    def breaks(stage: Stage, tell: Narrator) -> None:
        raise failure

    monkeypatch.setattr(demo, "STEPS", (breaks,))
    monkeypatch.setattr(demo.RunningStack, "public_url", "http://127.0.0.1:1")
    assert demo.main() == 1
    assert "✗" in capsys.readouterr().out
