"""Failures of applications.

Problem
├── 403 UnderAge, ActingForAnother, OwnProposal
├── 409 PersonNotConfirmed, ClaimedByAnother, VerificationMissing, ContentChanged
└── (shared) 404 NotFound, 409 AlreadyOpen, IllegalTransition, 412 StaleVersion, 422 Invalid
"""

from chassis.errors import Problem, Text
from judicial_record.applications.rules import LEAST_AGE, UNDER_AGE_RULE, UNDER_AGE_SOURCE


class _Refusal(Problem):
    """A decision about this request: the same request again meets the same answer."""

    fault = "caller"
    retry = "no"


class UnderAge(_Refusal):
    status = 403
    code = "under_age"
    title = Text(vi="Người yêu cầu chưa đủ 16 tuổi", en="The applicant is under 16")
    cause = UNDER_AGE_RULE
    remedy = Text(vi="Nộp yêu cầu khi đã đủ 16 tuổi.", en="Apply when the person has reached the age of 16.")

    def __init__(self) -> None:
        super().__init__(
            extensions={"rule": {"least_age": LEAST_AGE, "text": UNDER_AGE_RULE, "source": UNDER_AGE_SOURCE}}
        )


class ActingForAnother(_Refusal):
    status = 403
    code = "acting_for_another"
    title = Text(vi="Chỉ nhận yêu cầu cho chính mình", en="Only for oneself")
    cause = Text(
        vi="Kênh này chỉ nhận yêu cầu của chính người được cấp Phiếu; Phiếu số 2 không được ủy quyền.",
        en="This channel takes applications of the person concerned only; form 2 never goes by proxy.",
    )
    remedy = Text(
        vi="Người được cấp Phiếu tự đăng nhập và nộp, hoặc nộp thay trực tiếp tại cơ quan cấp Phiếu.",
        en="The person concerned signs in and applies, or another applies at the issuing office in person.",
    )


class PersonNotConfirmed(Problem):
    status = 409
    code = "person_not_confirmed"
    fault = "caller"
    retry = "later"
    title = Text(vi="Chưa xác nhận được nhân thân", en="The person is not confirmed yet")
    cause = Text(
        vi="Cơ sở dữ liệu dân cư chưa xác nhận số định danh, họ tên hoặc ngày sinh của người yêu cầu.",
        en="The population register has not yet confirmed number, name or birth of the applicant.",
    )
    remedy = Text(
        vi="Thử lại sau; nếu vẫn lỗi, liên hệ công an nơi cư trú để cập nhật dữ liệu dân cư.",
        en="Try again later; if it persists, ask the police at your residence to mend the register.",
    )


class OwnProposal(_Refusal):
    status = 403
    code = "own_proposal"
    title = Text(vi="Người trình không được ký duyệt", en="Who proposes may not decide")
    cause = Text(
        vi="Hồ sơ này do chính bạn trình; người khác phải quyết định.",
        en="You proposed this case yourself; somebody else must decide it.",
    )
    remedy = Text(vi="Chuyển cho lãnh đạo khác quyết định.", en="Let another leader decide.")


class ClaimedByAnother(_Refusal):
    status = 409
    code = "claimed_by_another"
    title = Text(vi="Hồ sơ đang do người khác xử lý", en="Somebody else works on this case")
    cause = Text(
        vi="Một cán bộ khác của cơ quan đã nhận hồ sơ này.",
        en="Another officer of the office has claimed this case.",
    )
    remedy = Text(
        vi="Đề nghị người đó hoặc lãnh đạo trả hồ sơ về hàng chờ chung.",
        en="Ask that officer or a leader to release it.",
    )


class VerificationMissing(_Refusal):
    status = 409
    code = "verification_missing"
    title = Text(vi="Chưa có kết quả xác minh", en="Nothing has been verified yet")
    cause = Text(
        vi="Kết quả tra cứu còn điểm phải xác minh trước khi trình ký.",
        en="The look-up left something open that must be verified before a decision is proposed.",
    )
    remedy = Text(
        vi="Đề nghị xác minh và chờ trả lời, hoặc ghi kết quả xác minh.",
        en="Request a verification and wait for the answer, or record a finding.",
    )


class ContentChanged(_Refusal):
    status = 409
    code = "content_changed"
    title = Text(vi="Dữ liệu đã thay đổi sau khi trình", en="The record changed after the proposal")
    cause = Text(
        vi="Nội dung Phiếu theo dữ liệu hiện tại khác với nội dung đã trình.",
        en="What the certificate would show now differs from what was proposed.",
    )
    remedy = Text(
        vi="Trả hồ sơ lại để chuyên viên kiểm tra và trình lại.",
        en="Return the case, so that it is checked and proposed again.",
    )


PROBLEMS = (
    UnderAge,
    ActingForAnother,
    PersonNotConfirmed,
    OwnProposal,
    ClaimedByAnother,
    VerificationMissing,
    ContentChanged,
)
