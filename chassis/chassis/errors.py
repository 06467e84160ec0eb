"""The problems that every process may answer, with the words that a reader of `/developers/problems` sees.

    Problem
    ├── 400 MalformedBody, MalformedCursor, MissingIdempotencyKey
    ├── 401 TokenMissing, TokenInvalid, TokenExpired, InsufficientUserAuthentication,
    │       SignatureMissing, SignatureInvalid, SignatureExpired
    ├── 403 ScopeMissing, RoleMissing, OtherFacility
    ├── 404 NotFound          405 MethodNotAllowed     406 NotAcceptable
    ├── 409 IllegalTransition, AlreadyOpen, IdempotencyKeyInFlight, AlreadyUsed, SignatureReplayed
    ├── 412 StaleVersion      413 BodyTooLarge         415 UnsupportedMediaType
    ├── 422 Invalid, IdempotencyKeyReused
    ├── 429 RateLimited       431 HeadersTooLarge
    ├── 500 InternalError
    └── 503 Overloaded, UpstreamUnavailable

A service's own problems subclass `Problem` in its features' `errors.py`.
"""

from chassis.problem import (
    FieldError,
    Language,
    Problem,
    RenderedProblem,
    Text,
    choose_language,
    problem_document,
    render,
)
from contracts.problem import Fault, Retry

__all__ = [
    "AlreadyOpen",
    "AlreadyUsed",
    "BodyTooLarge",
    "Fault",
    "FieldError",
    "HeadersTooLarge",
    "IdempotencyKeyInFlight",
    "IdempotencyKeyReused",
    "IllegalTransition",
    "InsufficientUserAuthentication",
    "InternalError",
    "Invalid",
    "Language",
    "MalformedBody",
    "MalformedCursor",
    "MethodNotAllowed",
    "MissingIdempotencyKey",
    "NotAcceptable",
    "NotFound",
    "OtherFacility",
    "Overloaded",
    "Problem",
    "RateLimited",
    "RenderedProblem",
    "Retry",
    "RoleMissing",
    "ScopeMissing",
    "SignatureExpired",
    "SignatureInvalid",
    "SignatureMissing",
    "SignatureReplayed",
    "StaleVersion",
    "Text",
    "TokenExpired",
    "TokenInvalid",
    "TokenMissing",
    "UnsupportedMediaType",
    "UpstreamUnavailable",
    "choose_language",
    "problem_document",
    "render",
]


class _CallerProblem(Problem):
    """The request is at fault; the same request again meets the same answer."""

    fault = "caller"
    retry = "no"


class MalformedBody(_CallerProblem):
    status = 400
    code = "malformed_body"
    title = Text(vi="Không đọc được nội dung gửi lên", en="The body cannot be read")
    cause = Text(
        vi="Nội dung gửi lên bị thiếu hoặc không đúng cú pháp của kiểu dữ liệu đã khai báo.",
        en="The body is missing or does not follow the syntax of its declared content type.",
    )
    remedy = Text(
        vi="Kiểm tra cú pháp và bảng mã UTF-8 của nội dung rồi gửi lại.",
        en="Check the syntax and the UTF-8 encoding of the body, then send it again.",
    )


class MalformedCursor(_CallerProblem):
    status = 400
    code = "malformed_cursor"
    title = Text(vi="Con trỏ trang không hợp lệ", en="The cursor cannot be read")
    cause = Text(
        vi="Con trỏ trang không do danh sách này cấp hoặc đã bị thay đổi.",
        en="The cursor was not issued by this list or has been altered.",
    )
    remedy = Text(
        vi="Dùng nguyên giá trị next_cursor vừa nhận, hoặc đọc lại từ trang đầu.",
        en="Use next_cursor exactly as received, or start again from the first page.",
    )


class MissingIdempotencyKey(_CallerProblem):
    status = 400
    code = "missing_idempotency_key"
    title = Text(vi="Thiếu Idempotency-Key", en="Idempotency-Key is missing")
    cause = Text(
        vi="Yêu cầu làm thay đổi dữ liệu phải kèm tiêu đề Idempotency-Key gồm 1–200 ký tự nhìn thấy được.",
        en="A request that changes data needs an Idempotency-Key header of 1–200 visible characters.",
    )
    remedy = Text(
        vi="Tạo một khóa mới cho mỗi thao tác và giữ nguyên khóa đó khi gửi lại.",
        en="Make a new key for each operation and keep it when you send the same operation again.",
    )


class TokenMissing(_CallerProblem):
    status = 401
    code = "token_missing"
    default_headers = (("www-authenticate", "Bearer"),)
    title = Text(vi="Cần đăng nhập", en="Authentication is needed")
    cause = Text(vi="Yêu cầu không kèm mã truy cập.", en="The request carries no access token.")
    remedy = Text(
        vi="Gửi mã truy cập trong tiêu đề Authorization.",
        en="Send an access token in the Authorization header.",
    )


class TokenInvalid(_CallerProblem):
    status = 401
    code = "token_invalid"
    default_headers = (("www-authenticate", 'Bearer error="invalid_token"'),)
    title = Text(vi="Mã truy cập không được chấp nhận", en="The access token is not accepted")
    cause = Text(
        vi="Mã truy cập bị thay đổi, đã bị thu hồi, hoặc không được cấp cho hệ thống này.",
        en="The access token was altered, revoked, or not issued for this system.",
    )
    remedy = Text(
        vi="Đăng nhập lại để nhận mã truy cập mới.", en="Sign in again to obtain a new access token."
    )


class TokenExpired(_CallerProblem):
    status = 401
    code = "token_expired"
    default_headers = (("www-authenticate", 'Bearer error="invalid_token", error_description="expired"'),)
    title = Text(vi="Mã truy cập đã hết hạn", en="The access token has expired")
    cause = Text(vi="Mã truy cập đã quá thời hạn sử dụng.", en="The access token is past its expiry.")
    remedy = Text(
        vi="Làm mới mã truy cập rồi gửi lại yêu cầu.",
        en="Refresh the access token and send the request again.",
    )


class InsufficientUserAuthentication(_CallerProblem):
    status = 401
    code = "insufficient_user_authentication"
    default_headers = (("www-authenticate", 'Bearer error="insufficient_user_authentication"'),)
    title = Text(vi="Cần mức định danh cao hơn", en="A higher level of authentication is needed")
    cause = Text(
        vi="Dữ liệu này chỉ mở cho tài khoản định danh điện tử ở mức cao hơn.",
        en="This data opens only to an electronic identity of a higher level.",
    )
    remedy = Text(
        vi="Đăng nhập lại với mức định danh nêu ở acr_values.",
        en="Sign in again with the level named in acr_values.",
    )


# What a signature must cover, said in the words of RFC 9421, section 5.1, beside the challenge.
_ASK_FOR_SIGNATURE = (
    ("www-authenticate", "Signature"),
    (
        "accept-signature",
        'sig=("@method" "@target-uri" "content-digest" "content-type");created;nonce;keyid',
    ),
)


class SignatureMissing(_CallerProblem):
    status = 401
    code = "signature_missing"
    default_headers = _ASK_FOR_SIGNATURE
    title = Text(vi="Yêu cầu chưa được ký", en="The request is not signed")
    cause = Text(
        vi="Địa chỉ này chỉ nhận yêu cầu có chữ ký thông điệp HTTP (RFC 9421).",
        en="This address takes only requests with an HTTP message signature (RFC 9421).",
    )
    remedy = Text(
        vi="Ký phương thức, địa chỉ, content-digest và content-type bằng khóa đã đăng ký của hệ thống.",
        en="Sign method, target, content-digest and content-type with your system's registered key.",
    )


class SignatureInvalid(_CallerProblem):
    status = 401
    code = "signature_invalid"
    default_headers = _ASK_FOR_SIGNATURE
    title = Text(vi="Chữ ký của yêu cầu không đúng", en="The request's signature is not valid")
    cause = Text(
        vi="Chữ ký không đọc được, thiếu thành phần bắt buộc, không khớp nội dung, hoặc không do khóa đã "
        "đăng ký của hệ thống gửi tạo ra.",
        en="The signature cannot be read, leaves out a required part, does not fit the content, or was not "
        "made with a registered key of the sender.",
    )
    remedy = Text(
        vi="Ký đúng địa chỉ công khai và đúng nội dung gửi đi, bằng khóa đã đăng ký, mỗi yêu cầu một chữ ký.",
        en="Sign the public address and the very bytes sent, with a registered key, one signature a request.",
    )


class SignatureExpired(_CallerProblem):
    status = 401
    code = "signature_expired"
    default_headers = _ASK_FOR_SIGNATURE
    title = Text(vi="Chữ ký của yêu cầu đã quá hạn", en="The request's signature is out of time")
    cause = Text(
        vi="Thời điểm ký (created) lệch quá 300 giây so với hiện tại, hoặc đã quá expires.",
        en="The time of signing (created) is more than 300 seconds away from now, or expires has passed.",
    )
    remedy = Text(vi="Chỉnh đồng hồ theo giờ chuẩn rồi ký lại.", en="Set your clock right, then sign again.")


class SignatureReplayed(_CallerProblem):
    status = 409
    code = "signature_replayed"
    title = Text(vi="Chữ ký đã được dùng", en="The signature was used before")
    cause = Text(
        vi="Một yêu cầu với cùng nonce của hệ thống này đã được nhận.",
        en="A request of this system with the same nonce was taken before.",
    )
    remedy = Text(
        vi="Ký lại với nonce mới; giữ nguyên Idempotency-Key nếu là gửi lại.",
        en="Sign again with a new nonce; keep the Idempotency-Key when it is the same command.",
    )


class ScopeMissing(_CallerProblem):
    status = 403
    code = "scope_missing"
    title = Text(vi="Mã truy cập thiếu phạm vi", en="The access token lacks a scope")
    cause = Text(
        vi="Mã truy cập không được cấp phạm vi mà thao tác này cần.",
        en="The access token was not granted the scope that this operation needs.",
    )
    remedy = Text(
        vi="Xin phạm vi còn thiếu khi lấy mã truy cập.",
        en="Ask for the missing scope when obtaining the token.",
    )


class RoleMissing(_CallerProblem):
    status = 403
    code = "role_missing"
    title = Text(vi="Không có vai trò cần thiết", en="The role needed is missing")
    cause = Text(
        vi="Thao tác này dành cho vai trò mà tài khoản hiện không giữ.",
        en="This operation is for a role that the account does not hold.",
    )
    remedy = Text(
        vi="Dùng tài khoản có vai trò phù hợp hoặc liên hệ quản trị của tổ chức.",
        en="Use an account with that role, or ask your organisation's administrator.",
    )


class OtherFacility(_CallerProblem):
    status = 403
    code = "other_facility"
    title = Text(vi="Dữ liệu của cơ sở khác", en="Another facility's data")
    cause = Text(
        vi="Mã truy cập thuộc một cơ sở khác với cơ sở ghi trong dữ liệu.",
        en="The access token belongs to a facility other than the one named in the data.",
    )
    remedy = Text(
        vi="Gửi bằng tài khoản hệ thống của chính cơ sở đó.",
        en="Send it with that facility's own system client.",
    )


class NotFound(_CallerProblem):
    status = 404
    code = "not_found"
    title = Text(vi="Không tìm thấy", en="Not found")
    cause = Text(
        vi="Không có nội dung này, hoặc nội dung không thuộc quyền xem của người gửi.",
        en="There is no such thing, or it is not yours to know of.",
    )
    remedy = Text(vi="Kiểm tra lại địa chỉ và mã định danh.", en="Check the address and the id.")


class MethodNotAllowed(_CallerProblem):
    status = 405
    code = "method_not_allowed"
    title = Text(vi="Phương thức không được hỗ trợ", en="The method is not supported here")
    cause = Text(
        vi="Địa chỉ này có tồn tại nhưng không nhận phương thức đã dùng.",
        en="The address exists but does not take this method.",
    )
    remedy = Text(vi="Dùng phương thức nêu ở tiêu đề Allow.", en="Use a method named in the Allow header.")


class NotAcceptable(_CallerProblem):
    status = 406
    code = "not_acceptable"
    title = Text(vi="Không có dạng trả lời được yêu cầu", en="No acceptable representation")
    cause = Text(
        vi="Không có kiểu nội dung nào trong tiêu đề Accept mà địa chỉ này trả lời được.",
        en="None of the media types in Accept can be produced here.",
    )
    remedy = Text(
        vi="Thêm kiểu nội dung mà tài liệu API ghi, hoặc bỏ tiêu đề Accept.",
        en="Add a media type that the API document names, or leave Accept out.",
    )


class IllegalTransition(_CallerProblem):
    status = 409
    code = "illegal_transition"
    title = Text(vi="Trạng thái hiện tại không cho phép", en="The current state does not allow this")
    cause = Text(
        vi="Thao tác không có trong các bước được phép từ trạng thái hiện tại.",
        en="The operation is not among the steps allowed from the current state.",
    )
    remedy = Text(
        vi="Đọc lại trạng thái hiện tại rồi chọn bước được phép.",
        en="Read the state again and choose an allowed step.",
    )


class AlreadyOpen(_CallerProblem):
    status = 409
    code = "already_open"
    title = Text(vi="Đã có hồ sơ đang mở", en="One is already open")
    cause = Text(
        vi="Người này đã có một yêu cầu cùng loại chưa kết thúc.",
        en="This person already has one of the same kind that is not finished.",
    )
    remedy = Text(
        vi="Tiếp tục yêu cầu đang mở, hoặc rút yêu cầu đó trước.",
        en="Continue the open one, or withdraw it first.",
    )


class IdempotencyKeyInFlight(Problem):
    status = 409
    code = "idempotency_key_in_flight"
    default_headers = (("retry-after", "1"),)
    fault = "caller"
    retry = "later"
    title = Text(vi="Yêu cầu cùng khóa đang được xử lý", en="A request with this key is still in flight")
    cause = Text(
        vi="Một yêu cầu mang cùng Idempotency-Key chưa xử lý xong.",
        en="A request with the same Idempotency-Key has not finished yet.",
    )
    remedy = Text(
        vi="Đợi theo Retry-After rồi gửi lại đúng yêu cầu với khóa cũ.",
        en="Wait as Retry-After says, then send the same request with the same key.",
    )


class AlreadyUsed(_CallerProblem):
    status = 409
    code = "already_used"
    title = Text(vi="Đã được sử dụng", en="Already used")
    cause = Text(
        vi="Giấy tờ hoặc mã này chỉ dùng được một lần.", en="This paper or code can be used only once."
    )
    remedy = Text(
        vi="Liên hệ nơi cấp nếu lần sử dụng trước không phải của bạn.",
        en="Ask the issuer if the earlier use was not yours.",
    )


class StaleVersion(_CallerProblem):
    status = 412
    code = "stale_version"
    title = Text(vi="Bản đang giữ đã cũ", en="Your version is stale")
    cause = Text(
        vi="Nội dung đã thay đổi sau lần đọc có ETag gửi trong If-Match.",
        en="The resource has changed since the read whose ETag is in If-Match.",
    )
    remedy = Text(vi="Đọc lại bản mới nhất rồi sửa trên bản đó.", en="Read the latest version and edit that.")


class BodyTooLarge(_CallerProblem):
    status = 413
    code = "body_too_large"
    title = Text(vi="Nội dung gửi lên quá lớn", en="The body is too large")
    cause = Text(
        vi="Nội dung vượt giới hạn dung lượng của địa chỉ này.",
        en="The body is over the size limit of this address.",
    )
    remedy = Text(vi="Chia nhỏ nội dung rồi gửi nhiều lần.", en="Split the content and send it in parts.")


class UnsupportedMediaType(_CallerProblem):
    status = 415
    code = "unsupported_media_type"
    title = Text(vi="Kiểu nội dung không được hỗ trợ", en="The content type is not supported")
    cause = Text(
        vi="Tiêu đề Content-Type thiếu hoặc không phải kiểu mà địa chỉ này nhận.",
        en="Content-Type is missing or not one that this address takes.",
    )
    remedy = Text(
        vi="Gửi bằng kiểu nêu ở tiêu đề Accept của trả lời.",
        en="Send a type named in the answer's Accept header.",
    )


class Invalid(_CallerProblem):
    status = 422
    code = "invalid"
    title = Text(vi="Dữ liệu chưa hợp lệ", en="The data is not valid")
    cause = Text(
        vi="Đọc được yêu cầu nhưng một số trường sai; xem errors.",
        en="The request was read but some fields are wrong; see errors.",
    )
    remedy = Text(
        vi="Sửa từng trường nêu trong errors rồi gửi lại.",
        en="Correct each field in errors and send it again.",
    )


class IdempotencyKeyReused(_CallerProblem):
    status = 422
    code = "idempotency_key_reused"
    title = Text(vi="Khóa đã dùng cho yêu cầu khác", en="The key was used for another request")
    cause = Text(
        vi="Idempotency-Key này đã đi cùng một nội dung khác trong 24 giờ qua.",
        en="This Idempotency-Key came with different content within the last 24 hours.",
    )
    remedy = Text(vi="Dùng khóa mới cho thao tác mới.", en="Use a new key for a new operation.")


class RateLimited(Problem):
    status = 429
    code = "rate_limited"
    default_headers = (("retry-after", "1"),)
    fault = "caller"
    retry = "later"
    title = Text(vi="Gửi quá nhiều yêu cầu", en="Too many requests")
    cause = Text(vi="Số yêu cầu đã vượt hạn mức.", en="The number of requests is over the quota.")
    remedy = Text(vi="Đợi theo Retry-After rồi gửi tiếp.", en="Wait as Retry-After says, then go on.")


class HeadersTooLarge(_CallerProblem):
    status = 431
    code = "headers_too_large"
    title = Text(vi="Tiêu đề yêu cầu quá lớn", en="The request headers are too large")
    cause = Text(
        vi="Tổng dung lượng các tiêu đề vượt giới hạn.", en="The headers together are over the size limit."
    )
    remedy = Text(
        vi="Bớt cookie và các tiêu đề không cần thiết.", en="Drop cookies and headers that are not needed."
    )


class InternalError(Problem):
    status = 500
    code = "internal_error"
    fault = "us"
    retry = "later"
    title = Text(vi="Lỗi hệ thống", en="Our fault")
    cause = Text(
        vi="Hệ thống gặp lỗi; mã trace_id giúp đơn vị vận hành tìm nguyên nhân.",
        en="The system failed; trace_id lets the operators find out why.",
    )
    remedy = Text(
        vi="Gửi lại sau ít phút với cùng Idempotency-Key; nếu vẫn lỗi, báo mã trace_id.",
        en="Try again in a few minutes with the same Idempotency-Key; if it persists, report trace_id.",
    )


class Overloaded(Problem):
    status = 503
    code = "overloaded"
    default_headers = (("retry-after", "1"),)
    fault = "us"
    retry = "later"
    title = Text(vi="Hệ thống đang quá tải", en="The system is overloaded")
    cause = Text(vi="Tạm thời không nhận thêm yêu cầu.", en="No more requests are taken for the moment.")
    remedy = Text(vi="Đợi theo Retry-After rồi gửi lại.", en="Wait as Retry-After says, then try again.")


class UpstreamUnavailable(Problem):
    status = 503
    code = "upstream_unavailable"
    default_headers = (("retry-after", "2"),)
    fault = "peer"
    retry = "later"
    title = Text(vi="Hệ thống liên quan tạm ngừng", en="A system behind is unavailable")
    cause = Text(
        vi="Một hệ thống mà yêu cầu này cần đang không trả lời.",
        en="A system that this request needs does not answer.",
    )
    remedy = Text(
        vi="Đợi theo Retry-After rồi gửi lại với cùng Idempotency-Key.",
        en="Wait as Retry-After says, then try again with the same Idempotency-Key.",
    )
