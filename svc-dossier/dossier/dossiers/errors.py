"""Failures of dossiers.

Problem
├── 409 NotAcceptedYet
└── 409 TooManyDrafts
"""

from chassis.errors import Problem, Text


class NotAcceptedYet(Problem):
    """The dossier has not been accepted, so there is no receipt yet."""

    status = 409
    code = "not_accepted_yet"
    fault = "caller"
    retry = "later"
    title = Text(vi="Hồ sơ chưa được tiếp nhận", en="The dossier is not accepted yet")
    cause = Text(
        vi="Giấy tiếp nhận và hẹn trả kết quả chỉ có sau khi hồ sơ được tiếp nhận.",
        en="The receipt with the promised day is issued when the dossier is accepted.",
    )
    remedy = Text(
        vi="Đợi bộ phận một cửa tiếp nhận; ngày chậm nhất là intake_due_at.",
        en="Wait for the desk to accept it; the latest day is intake_due_at.",
    )


class TooManyDrafts(Problem):
    """The owner has as many drafts as one may have."""

    status = 409
    code = "too_many_drafts"
    fault = "caller"
    retry = "no"
    title = Text(vi="Có quá nhiều bản nháp", en="There are too many drafts")
    cause = Text(
        vi="Mỗi người, mỗi tổ chức có nhiều nhất 50 hồ sơ nháp chưa nộp.",
        en="A person or an organisation may have at most 50 drafts that are not filed.",
    )
    remedy = Text(
        vi="Nộp hoặc xóa bớt bản nháp rồi tạo lại.", en="File or discard drafts, then create it again."
    )
