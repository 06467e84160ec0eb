"""Expected failures of convictions.

Problem
├── 403 OtherSource
├── 409 RecordUndetermined
└── 422 NoConvictionAccepted
"""

from chassis.errors import Problem, Text


class OtherSource(Problem):
    status = 403
    code = "other_source"
    fault = "caller"
    retry = "no"
    title = Text(vi="Dữ liệu của cơ quan khác", en="Another body's data")
    cause = Text(
        vi="Mã truy cập thuộc cơ quan khác, hoặc cơ quan này không thuộc diện gửi dữ liệu án tích.",
        en="The token belongs to another body, or to one that does not send convictions.",
    )
    remedy = Text(
        vi="Gửi bằng tài khoản hệ thống của chính cơ quan đó.",
        en="Send it with that body's own system client.",
    )


class RecordUndetermined(Problem):
    status = 409
    code = "record_undetermined"
    fault = "caller"
    retry = "later"
    title = Text(vi="Chưa xác định được tình trạng án tích", en="The record is not determined yet")
    cause = Text(
        vi="Có bản án chưa đủ thông tin để kết luận đã được xóa án tích hay chưa.",
        en="There is a judgment for which it cannot be told yet whether it is expunged.",
    )
    remedy = Text(
        vi="Chờ kết quả xác minh, hoặc ghi nhận kết luận xác minh rồi thực hiện lại.",
        en="Wait for the verification, or record its finding, then try again.",
    )


class NoConvictionAccepted(Problem):
    status = 422
    code = "no_conviction_accepted"
    fault = "caller"
    retry = "no"
    title = Text(vi="Không có mục nào được nhận", en="No item was taken")
    cause = Text(vi="Mọi mục trong lần gửi đều sai; xem rejected.", en="Every item is wrong; see rejected.")
    remedy = Text(vi="Sửa từng mục nêu trong rejected rồi gửi lại.", en="Correct the items, then send again.")


PROBLEMS: tuple[type[Problem], ...] = (OtherSource, RecordUndetermined, NoConvictionAccepted)
