"""The words of the seeded platform: services, what they work on, how they fail."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Service:
    """A service and what it is written in."""

    name: str
    language: str
    root: str
    """Where its own modules live."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A way to fail: a cause with a type per language, and the words in which it is told."""

    types: dict[str, str]
    message: str
    """With `{subject}` and `{number}`."""
    library: tuple[str, ...]
    """Functions of libraries below the service's own code, oldest call first."""


SERVICES = tuple(
    Service(name, language, root)
    for language, root, names in (
        ("java", "jp.example.{}", "ledger billing invoice-batch settlement loyalty returns catalogue-sync"),
        ("python", "{}.app", "search recommend pricing forecast notify export media"),
        ("javascript", "src/{}", "storefront bff checkout-web campaign chat"),
        ("csharp", "Example.{}", "warehouse label-print timetable"),
        ("go", "example.com/{}", "gateway session quota"),
    )
    for name in names.split()
)
SUBJECTS = tuple(
    """order invoice payment shipment basket coupon member address refund stock parcel contract voucher receipt price
    image review report schedule ticket 注文 請求書 決済 出荷 会員 在庫 返品 領収書 クーポン 配送先 予約 見積 契約 通知 帳票""".split()
)
ACTIONS = tuple(
    """reserve cancel load save confirm split merge publish archive verify import export recalculate assign release
    lock send print approve expire""".split()
)
FAILURES = (
    Failure(
        {"java": "java.net.SocketTimeoutException", "python": "TimeoutError", "go": "*net.OpError"},
        "{subject} {number}: no answer within 3000 ms",
        ("send", "execute", "read"),
    ),
    Failure(
        {
            "java": "java.lang.NullPointerException",
            "python": "AttributeError",
            "csharp": "System.NullReferenceException",
        },
        "{subject} has no owner (id={number})",
        ("invoke", "proceed"),
    ),
    Failure(
        {"java": "java.sql.SQLIntegrityConstraintViolationException", "python": "psycopg.errors.UniqueViolation"},
        "duplicate key value violates unique constraint for {subject} {number}",
        ("execute", "executeUpdate", "checkAndThrow"),
    ),
    Failure(
        {"java": "java.lang.IllegalStateException", "python": "ValueError", "javascript": "RangeError"},
        "{subject} {number} is closed already",
        ("invoke",),
    ),
    Failure(
        {"java": "java.net.ConnectException", "python": "ConnectionRefusedError", "javascript": "Error"},
        "connect to 10.20.0.7:5432 refused while reading {subject} {number}",
        ("connect", "open", "handshake"),
    ),
    Failure(
        {"python": "KeyError", "javascript": "TypeError", "csharp": "System.Collections.Generic.KeyNotFoundException"},
        "cannot read {subject} {number}",
        ("get",),
    ),
    Failure({}, "{subject}の処理に失敗しました。番号={number}", ("invoke", "proceed", "doFilter")),
    Failure({}, "{subject}が見つかりません: {number}", ("find", "orElseThrow")),
    Failure({}, "{subject} {number} was changed by somebody else", ("commit", "flush")),
    Failure({}, "remote answered 502 for {subject} {number}", ("post", "exchange", "raiseForStatus")),
    Failure({}, "{subject} {number} is larger than 10485760 bytes", ("write", "check")),
    Failure({}, "signature of {subject} {number} does not match", ("verify",)),
)
DEFAULT_TYPES = {
    "java": "jp.example.common.BusinessException",
    "python": "ServiceError",
    "javascript": "ServiceError",
    "csharp": "Example.Common.ServiceException",
    "go": "*errors.errorString",
}
WRAPPERS = {
    "java": "jp.example.common.OperationFailedException",
    "python": "OperationFailed",
    "javascript": "OperationError",
    "csharp": "Example.Common.OperationFailedException",
    "go": "*fmt.wrapError",
}
ENVIRONMENTS = ("production-jp", "production-eu", "production-us", "staging", "development")
ENVIRONMENT_WEIGHTS = (45, 25, 15, 10, 5)
RELEASES = tuple(f"2026.{month}.{patch}" for month in (9, 10, 11) for patch in range(4))
HOSTS = tuple(f"ip-10-20-{a}-{b}" for a in range(4) for b in range(10, 20))
EXTENSIONS = {"java": ".java", "python": ".py", "javascript": ".js", "csharp": ".cs", "go": ".go"}
