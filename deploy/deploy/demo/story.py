"""The whole story in order: first that everything is up, then the chapters, then time itself."""

import re
from collections.abc import Callable

import httpx2

from deploy.demo import certificate, dossier, health_book, portal
from deploy.demo.narrator import Narrator, short
from deploy.demo.stage import Stage

Step = Callable[[Stage, Narrator], None]

DAYS_AHEAD = 30
OFFSET_METRIC = re.compile(r"^lienthong_legal_clock_offset_seconds (\S+)$", re.MULTILINE)


def everything_is_up(stage: Stage, tell: Narrator) -> None:
    tell.step("Hệ thống đã sẵn sàng", "The gateway and every service behind it are ready")
    answer = stage.http.get("/readyz")
    tell.shows(f"GET /readyz → {answer.status_code} {short(answer.json().get('parts'))}")
    tell.claim(
        "mọi phần đều sẵn sàng", "every part is ready", holds=answer.status_code == 200, got=answer.text
    )


def legal_time_moves(stage: Stage, tell: Narrator) -> None:
    tell.step(
        f"Môi trường thử dời thời gian pháp lý thêm {DAYS_AHEAD} ngày",
        f"The sandbox moves legal time {DAYS_AHEAD} days ahead",
    )
    before = stage.http.get("/sandbox/clock").json()["offset_seconds"]
    wanted = before + DAYS_AHEAD * 86_400
    try:
        reading = stage.http.put("/sandbox/clock", json={"offset_seconds": wanted}).json()
        tell.shows(f"legal_today = {reading['legal_today']}, real_now = {reading['real_now']}")
        for service in ("health-book", "identity"):
            followed = stage.wait_for(lambda name=service: _offset_of(stage, name) == wanted or None)  # type: ignore[misc]  # mypy cannot infer a lambda with a default
            tell.claim(f"{service} đã theo", f"{service} follows", holds=followed is not None)
        late = stage.wait_for(lambda: _is_late(stage) or None)
        tell.claim(
            "hồ sơ của anh An chưa ai xem: quá hạn, nằm trong hàng quá hạn của một cửa",
            "An's dossier that nobody looked at is overdue, and in the desk's queue of such",
            holds=late is not None,
        )
        me = stage.get("/v1/me", "an")
        tell.claim("mã truy cập vẫn theo giờ thật", "tokens live by real time", holds=me.status_code == 200)
    finally:
        stage.http.put("/sandbox/clock", json={"offset_seconds": before})


def _is_late(stage: Stage) -> bool:
    late = stage.get("/v1/inbox?queue=overdue&limit=100", dossier.DESK).json()["items"]
    return stage.facts["handed_over"] in [one["code"] for one in late]


def _offset_of(stage: Stage, service: str) -> float | None:
    """Read a service's legal clock from its metrics, which only its operator's port shows."""
    port = stage.stack.environment_of(service)[f"LIENTHONG_{service.upper().replace('-', '_')}_METRICS_PORT"]
    found = OFFSET_METRIC.search(httpx2.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text)
    return float(found[1]) if found else None


STEPS: tuple[Step, ...] = (
    everything_is_up,
    *health_book.STEPS,
    *certificate.STEPS,
    *portal.BEFORE,
    *dossier.STEPS,
    *portal.STEPS,
    legal_time_moves,
)
