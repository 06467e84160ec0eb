"""The conditions of the table of transitions, by the names in its column `conditions`. Pure.

A condition looks at the case and at what is asked, and says nothing when it holds. One that is not met says
which it is, why in both languages, and which member of the request would mend it, if one would.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from chassis.errors import Text
from dossier.desk.facts import Ask, CaseFacts

MAX_EXTENSIONS = 1
"""Extensions of one round, where the procedure says nothing: our default, unverified."""
MAX_APOLOGIES = 1


@dataclass(frozen=True, slots=True)
class Unmet:
    """A condition that does not hold; `pointer` names the member of the request that is missing."""

    condition: str
    text: Text
    pointer: str | None = None


Condition = Callable[[CaseFacts, Ask, datetime], Unmet | None]


def unmet(conditions: Iterable[str], case: CaseFacts, ask: Ask, now: datetime) -> list[Unmet]:
    """Return the conditions that do not hold at the legal instant `now`, in their order.

    Raises: KeyError for a name that no rule has.
    Source: reference/transitions.csv (our reading of the ten national statuses), decision 0026.
    """
    found = []
    for name in conditions:
        failed = CONDITIONS[name](case, ask, now)
        if failed is not None:
            found.append(failed)
    return found


def is_last_round_over(case: CaseFacts, now: datetime) -> bool:
    """Return whether the last lawful round is open and its time has passed.

    Source: reference/supplement_rules.csv, columns max_rounds and applicant (each row names its article).
    """
    return (
        case.rule.max_rounds is not None
        and case.rounds_asked >= case.rule.max_rounds
        and case.answer_due_at is not None
        and now > case.answer_due_at
    )


def is_void(case: CaseFacts, now: datetime) -> bool:
    """Return whether the law ends the dossier while it waits for its applicant.

    Source: reference/supplement_rules.csv, columns outcome and void (each row names its article).
    """
    if case.void_at is not None and now > case.void_at:
        return True
    return case.rule.outcome in ("start_again", "void") and is_last_round_over(case, now)


def is_refused_after_last_round(case: CaseFacts, now: datetime) -> bool:
    """Return whether the law wants a letter of refusal now that the last round has passed.

    Source: reference/supplement_rules.csv, column outcome (each row names its article).
    """
    return case.rule.outcome == "refuse" and is_last_round_over(case, now)


def _needs(name: str, pointer: str, vi: str, en: str, given: Callable[[Ask], object]) -> Condition:
    def check(case: CaseFacts, ask: Ask, now: datetime) -> Unmet | None:
        return None if given(ask) else Unmet(name, Text(vi=vi, en=en), pointer)

    return check


def _holds(name: str, vi: str, en: str, true: Callable[[CaseFacts, datetime], object]) -> Condition:
    def check(case: CaseFacts, ask: Ask, now: datetime) -> Unmet | None:
        return None if true(case, now) else Unmet(name, Text(vi=vi, en=en))

    return check


def _round_allowed(case: CaseFacts, ask: Ask, now: datetime) -> Unmet | None:
    cap = case.rule.max_rounds
    if cap is None or case.rounds_asked < cap:
        return None
    vi = f"Đã yêu cầu bổ sung {case.rounds_asked} lần; {case.rule.rule_id} chỉ cho phép {cap} lần."
    en = (
        f"Asked {case.rounds_asked} times; {case.rule.rule_id} ({case.rule.legal_basis}) allows {cap}."
        f" Then: {case.rule.when_exceeded}."
    )
    return Unmet("round_allowed", Text(vi=f"{vi} Căn cứ: {case.rule.legal_basis}.", en=en))


def _supplement_before_acceptance(case: CaseFacts, ask: Ask, now: datetime) -> Unmet | None:
    if case.channel in case.rule.at_intake:
        return None
    return Unmet(
        "supplement_before_acceptance",
        Text(
            vi=f"Hồ sơ nộp trực tuyến theo {case.rule.legal_basis} chỉ được tiếp nhận hoặc không tiếp nhận.",
            en=f"By {case.rule.legal_basis} a dossier filed this way is either accepted or not accepted.",
        ),
    )


def _proposed_by_another(case: CaseFacts, ask: Ask, now: datetime) -> Unmet | None:
    if case.proposal is None or case.proposal.kind != ask.kind:
        vi = "Chưa có đề xuất kết quả này của chuyên viên."
        return Unmet("proposed", Text(vi=vi, en="No officer has proposed this result."))
    if case.proposal.proposed_by == ask.subject:
        vi = "Người đề xuất không được ký kết quả."
        return Unmet("proposed_by_another", Text(vi=vi, en="The one who proposes never signs."))
    return None


def _proposal_complete(case: CaseFacts, ask: Ask, now: datetime) -> Unmet | None:
    if ask.kind == "granted":
        return None
    return CONDITIONS["reason"](case, ask, now) or CONDITIONS["legal_basis"](case, ask, now)


def _later_due_day(case: CaseFacts, ask: Ask, now: datetime) -> Unmet | None:
    if ask.new_due_on is not None and ask.new_due_on > (case.due_on or date.max):
        return None
    vi, en = "Phải ghi ngày hẹn mới, sau ngày hẹn cũ.", "State a new day, after the old one."
    return Unmet("later_due_day", Text(vi=vi, en=en), "/new_due_on")


def _papers_checked(case: CaseFacts, ask: Ask, now: datetime) -> Unmet | None:
    if not ask.papers_missing:
        return None
    names = ", ".join(ask.papers_missing)
    text = Text(vi=f"Còn thiếu giấy tờ bắt buộc: {names}.", en=f"Mandatory papers are missing: {names}.")
    return Unmet("papers_checked", text, "/papers")


CONDITIONS: dict[str, Condition] = {
    "complete": lambda case, ask, now: None,  # held by the submission itself, which validates the form
    "papers_checked": _papers_checked,
    "round_allowed": _round_allowed,
    "supplement_before_acceptance": _supplement_before_acceptance,
    "proposed_by_another": _proposed_by_another,
    "proposal_complete": _proposal_complete,
    "later_due_day": _later_due_day,
    "reason": _needs(
        "reason", "/reason", "Phải ghi lý do.", "State the reason.", lambda ask: (ask.reason or "").strip()
    ),
    "legal_basis": _needs(
        "legal_basis",
        "/legal_basis",
        "Phải ghi căn cứ pháp lý.",
        "State the legal basis.",
        lambda ask: (ask.legal_basis or "").strip(),
    ),
    "items": _needs(
        "items",
        "/items",
        "Phải liệt kê một lần đầy đủ giấy tờ cần bổ sung.",
        "List at once everything that is to be brought.",
        lambda ask: ask.items,
    ),
    "amount": _needs(
        "amount",
        "/lines",
        "Phải ghi khoản và số tiền phải nộp.",
        "State what is to be paid.",
        lambda ask: ask.amount_vnd > 0,
    ),
    "body_and_limit": _needs(
        "body_and_limit",
        "/body",
        "Phải ghi cơ quan được lấy ý kiến.",
        "Name the body to be consulted.",
        lambda ask: (ask.body or "").strip(),
    ),
    "office_known": _needs(
        "office_known",
        "/office",
        "Không có đơn vị này.",
        "There is no such office.",
        lambda ask: ask.office_is_known,
    ),
    "nothing_to_pay_first": _holds(
        "nothing_to_pay_first",
        "Phải nộp phí trước khi được tiếp nhận.",
        "The fee is due before acceptance.",
        lambda case, now: case.is_paid or not case.is_fee_due_first,
    ),
    "paid": _holds(
        "paid",
        "Chưa nộp đủ phí, lệ phí.",
        "What is owed is not paid.",
        lambda case, now: case.is_paid,
    ),
    "asked_before_acceptance": _holds(
        "asked_before_acceptance",
        "Yêu cầu này không phải đưa ra trước khi tiếp nhận.",
        "This was not asked before acceptance.",
        lambda case, now: _asked_first(case) is True,
    ),
    "asked_after_acceptance": _holds(
        "asked_after_acceptance",
        "Yêu cầu này không phải đưa ra sau khi tiếp nhận.",
        "This was not asked after acceptance.",
        lambda case, now: _asked_first(case) is False,
    ),
    "is_publication": _holds(
        "is_publication",
        "Thủ tục này không phải thủ tục công bố tự động.",
        "The procedure is not one of automatic publication.",
        lambda case, now: case.is_publication,
    ),
    "payment_overdue": _holds(
        "payment_overdue",
        "Chưa hết hạn nộp phí, lệ phí.",
        "The time to pay has not passed.",
        lambda case, now: case.payment_due_at is not None and now > case.payment_due_at,
    ),
    "no_result": _holds(
        "no_result",
        "Kết quả đã được ký.",
        "A result is signed.",
        lambda case, now: not case.has_valid_result,
    ),
    "result_in_force": _holds(
        "result_in_force",
        "Không có kết quả đang có hiệu lực.",
        "No result is in force.",
        lambda case, now: case.has_valid_result,
    ),
    "assigned": _holds(
        "assigned",
        "Hồ sơ chưa được phân công.",
        "The dossier is assigned to nobody.",
        lambda case, now: case.assigned_to is not None,
    ),
    "within_notice": _holds(
        "within_notice",
        "Đã hết thời hạn thông báo yêu cầu bổ sung.",
        "The time in which a supplement may be asked has passed.",
        lambda case, now: case.notice_due_at is None or now <= case.notice_due_at,
    ),
    "single_step": _holds(
        "single_step",
        "Thủ tục này không giải quyết trong một bước.",
        "The procedure is not decided in one step.",
        lambda case, now: case.is_single_step,
    ),
    "has_inspection_step": _holds(
        "has_inspection_step",
        "Thủ tục này không có bước hội đồng hoặc kiểm tra thực tế.",
        "The procedure has no step of a council or an inspection.",
        lambda case, now: case.has_inspection,
    ),
    "before_due": _holds(
        "before_due",
        "Đã quá hạn trả kết quả; không còn hẹn lại được.",
        "The due day has passed; a new one can no longer be set.",
        lambda case, now: case.due_at is not None and now <= case.due_at,
    ),
    "first_apology": _holds(
        "first_apology",
        "Chỉ được hẹn lại một lần.",
        "A new day is set only once.",
        lambda case, now: case.apologies < MAX_APOLOGIES,
    ),
    "brought_to_the_desk": _holds(
        "brought_to_the_desk",
        "Hồ sơ nộp trực tuyến được bổ sung trực tuyến.",
        "A dossier filed online is supplemented online.",
        lambda case, now: case.channel in ("counter", "post"),
    ),
    "answer_in_time": _holds(
        "answer_in_time",
        "Đã hết hạn bổ sung.",
        "The time to answer has passed.",
        lambda case, now: case.answer_due_at is not None and now <= case.answer_due_at,
    ),
    "supplement_overdue": _holds(
        "supplement_overdue",
        "Chưa hết hạn bổ sung.",
        "The time to answer has not passed.",
        lambda case, now: (
            case.answer_due_at is not None
            and now > case.answer_due_at
            and not is_void(case, now)
            and not is_refused_after_last_round(case, now)
        ),
    ),
    "void_by_rule": _holds(
        "void_by_rule",
        "Hồ sơ còn giá trị.",
        "The dossier still has force.",
        lambda case, now: is_void(case, now),
    ),
    "refusal_after_last_round": _holds(
        "refusal_after_last_round",
        "Chưa đến lúc từ chối cấp sau lần bổ sung cuối.",
        "A refusal after the last round is not due.",
        is_refused_after_last_round,
    ),
    "extension_allowed": _holds(
        "extension_allowed",
        "Không được gia hạn bổ sung thêm.",
        "The time to answer cannot be extended any more.",
        lambda case, now: (
            case.extensions < MAX_EXTENSIONS and case.answer_due_at is not None and now <= case.answer_due_at
        ),
    ),
}


def _asked_first(case: CaseFacts) -> bool | None:
    """Return whether what the case waits for was asked before acceptance; None when it waits for nothing."""
    if case.round_asked_before_acceptance is not None:
        return case.round_asked_before_acceptance
    return case.payment_asked_before_acceptance
