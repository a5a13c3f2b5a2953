"""Message → template: the same words for every occurrence of one log call.

A message without its call's format string is all many errors give. The template replaces what varies between two
occurrences (ids, numbers, times, addresses, quoted values, JSON) by `<name>` placeholders and keeps what tells two
kinds of failure apart: words, error codes, protocol status, HTTP verbs, class names, identifiers in quotes.

One pass, one alternation, first match at a position wins; the order of the alternatives is the order of the rules.
Every repeat is over a character class that the next part cannot match, so time is linear. Bounded: what lies beyond
MAX_TEMPLATE_CHARS and MAX_TEMPLATE_LINES does not count.

A number and a name with digits have one placeholder: of a hundred hexadecimal ids one is all digits, and a seat is 12B.

Knowingly ugly: a person's name in running text is a word like any other; only `key=value` and quotes give it away.
`template_of(template_of(text)) == template_of(text)`: placeholders are kept as they are. Not where quotes stand inside of
words (`0'0'`, `error='0':`): what was a value there may be read as another one the second time.
"""

import re
from collections.abc import Callable, Iterable
from functools import lru_cache

MAX_TEMPLATE_CHARS = 2_000  # a log message longer than this is a dump; its beginning names it
MAX_TEMPLATE_LINES = 12
MAX_JSON_CODES = 6
PiecesOf = Callable[[str], Iterable[tuple[str, str]]]
"""A line → its pieces in order: text to make a template of as (text, ""), else ("", what stands there)."""

_EDGE = r"(?<![A-Za-z0-9_])"
_END = r"(?![A-Za-z0-9_])"
_STATUS_WORDS = (
    r"(?:HTTP(?:/\d(?:\.\d)?)?|status(?:[ _-]?code)?|response code|code|errno|error|sqlstate|ステータス|コード|エラー)"
)
_CODE_KEYS = frozenset(
    "code status statuscode status_code errorcode error_code errno result resultcode result_code rc reason sqlstate "
    "type kind error exit signal method verb http_status grpc_code category severity grund fehler fehlercode "
    "ergebnis cause exitcode exit_code returncode return_code retcode responsecode response_code reasoncode reason_code "
    "errcode err_code sqlcode abend dsn 理由 原因 コード エラー エラーコード ステータス ステータスコード 結果 結果コード "
    "終了コード 戻り値 応答コード 理由コード リターンコード 種別 区分".split()
)
_CODE_KEY_ENDS = ("理由", "原因", "結果", "ステータス", "戻り値", *(
    f"{word}コード" for word in ("エラー", "ステータス", "結果", "終了", "応答", "理由", "リターン")
))  # fmt: skip
"""Japanese puts no blank before the key."""
_CAUSE_KEYS = frozenset("error err cause reason exception errmsg error_message detail".split())
"""Keys whose value is a message of its own: its words tell failures apart."""
_NAMED_BEFORE_QUOTES = frozenset(
    "user username account login customer member tenant owner client host hostname device".split()
)
"""Nouns whose quoted name is a person's or a machine's, not an identifier of the program."""
_NAMED_BEFORE_BRACKETS = re.compile(
    r"(?:ユーザー?|利用者|会員|顧客|お客様|患者|担当者?|氏名|名前|取引先|得意先|仕入先|店舗|支店|商品|商品名|件名|題名|"
    r"ファイル|写真|画像|フォント)[ :：]?$"
)
_WORDS_WITH_DIGITS = frozenset(
    "utf-8 utf8 utf-16 utf16 utf-32 iso-8859-1 base64 base32 sha1 sha-1 sha256 sha-256 sha512 md5 http2 h2 http/2 ipv4 "
    "ipv6 s3 ec2 oauth2 x86 x64 amd64 i18n l10n k8s log4j log4j2 slf4j h264 mp3 mp4 p12 x509 x.509 tls1 sse2 k3s int8 "
    "int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 i32 i64 u8 u16 u32 u64 f32 f64 euc-jp jis shift_jis "
    "cp932 windows-31j 2xx 3xx 4xx 5xx oauth1 b2b b2c c2c 2fa v1 v2 v3 v4".split()
)
_CODE_WORDS = r"(?:code|errno|error|sqlstate|ora|reason)"
_NUMBERED_CODE = (
    r"(?:(?:with|error|exit|close|status|return|result|response|reason|failure|exception) (?:code|status)"
    r"|exited with|(?:on|by|with) signal|終了コード|戻り値)"
)
_ANSWERED = r"(?:answered|answers|returned|returns|responded(?: with)?|responds with|replied(?: with)?|got)"
_PLAIN_STOPS = (
    r"HTTP|status|statuscode|response|code|errno|error|sqlstate|ora|reason|localhost|with|exit|exited|close|return|result|failure"
    r"|exception|on|by|hresult|ntstatus|abend|answered|answers|returned|returns|responded|responds|replied|got"
)
_KEY = r"(?:[A-Za-z0-9_.$@#*+/\\%^~!-]{1,40}|[^\x00-\x7f\s「」、。（）]{1,40})"
"""Before `=`: in one script, for no blank stands between a Japanese word and the key after it."""
_RULES = (
    ("plain", r"(?:(?<![A-Za-z0-9_])(?!(?i:" + _PLAIN_STOPS + r")\b)[A-Za-z]{1,60}[,;:.]? ){1,200}"),
    ("kept", r"<[a-z]{2,8}(?: [^<>\n]{0,80})?>"),
    ("json", r"\{\s{0,4}[\"'][^\n]|\[\s{0,4}(?:\{\s{0,4}[\"']|\")"),
    ("url", r"[A-Za-z][A-Za-z0-9+.-]{1,15}://[^\s\"'<>「」、。)\]]+"),
    ("email", _EDGE + r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}"),
    ("uuid", _EDGE + r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}" + _END),
    ("mac", _EDGE + r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}" + _END),
    ("date", _EDGE + r"\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?"),
    ("date", r"\d{2,4}年\d{1,2}月\d{1,2}日"),
    ("time", _EDGE + r"\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?" + _END),
    ("ip", _EDGE + r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}(?:[:/]\d{1,5})?" + _END),
    ("ip", r"\[(?=[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:)[0-9A-Fa-f:]{2,45}\](?::\d{1,5})?"),
    ("code", _EDGE + r"(?i:HRESULT|NTSTATUS|error|code|status)[ :=(]{1,3}0x[0-9A-Fa-f]{8}" + _END),
    ("code", _EDGE + r"(?i:" + _NUMBERED_CODE + r")[ :=(]{1,3}-?\d{1,5}" + _END),
    ("code", _EDGE + r"(?i:" + _ANSWERED + r") [45]\d\d" + _END + r"(?! (?:row|record|item|result|entr|byte|line|件|ms\b))"),
    ("code", _EDGE + r"ABEND [A-Z0-9]{3,5}" + _END),
    ("code", _EDGE + r"[245]\d\d[ -][245]\.\d\.\d{1,3}" + _END),
    ("status", r"(?i:" + _EDGE + _STATUS_WORDS + r")[ :=(\"'#\\]{0,4}[1-5]\d\d" + _END + r"\\?[\"')]?"),
    ("kept", _KEY + r"=<val>"),
    ("pair", _KEY + r"=(?:\"[^\"\n]{0,400}\"|'[^'\n]{0,400}'|[^\s,;(){}\[\]|&「」\"'、。）]{1,400}(?:,\d{3}(?!\d)){0,5})"),
    ("quoted", r"\"[^\"\n]{0,400}\"|(?<![A-Za-z0-9])'[^'\n]{0,400}'(?![A-Za-z])|`[^`\n]{0,400}`"),
    ("bracket", r"「[^「」\n]{1,200}」|『[^『』\n]{1,200}』"),
    ("name", r"(?:[一-龯々]{1,8}|[ァ-ヺー]{2,12})(?:[ \u3000](?:[一-龯々ぁ-ゖ]{1,4}|[ァ-ヺー]{1,12}))?[ \u3000]?(?<![仕同多模皆客異神奥文有])(?:様|さん)(?=[のがはへにをと、。:：）)\s]|から|$)"),
    ("path", r"(?<![A-Za-z0-9_.<>])(?:[A-Za-z]:)?[/\\](?:[^\s/\\:\"'<>()\[\],;|「」、。]{1,200}[/\\]){1,40}[^\s/\\:\"'<>()\[\],;|「」、。]{0,200}"),
    ("path", _EDGE + r"(?:[A-Za-z0-9_.@%+~-]{1,100}/){2,40}[A-Za-z0-9_.@%+~-]{1,200}"),
    ("code", r"(?i:\b" + _CODE_WORDS + r"[ :=(#]{1,3})[A-Z]{1,8}[-_]?\d{2,7}" + _END),
    ("code", r"(?:^|(?<=: )|(?<=[\[(]))[A-Z]{1,8}[-_]?\d{2,7}(?=[:\])])"),
    ("code", r"\[Errno -?\d{1,5}\]|\(os error \d{1,5}\)"),
    ("host", _EDGE + r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,6}\.(?:internal|local|localdomain|cluster|svc|com|net|org|jp|io|dev|cloud|example|test|invalid)(?:\.[a-z]{2,3})?(?::\d{1,5})?(?![A-Za-z0-9_.-])"),
    ("host", r"(?i:" + _EDGE + r"localhost)(?::\d{1,5})?" + _END),
    ("num", _EDGE + r"[A-Za-z]{2}-[A-Z]{2,3}" + _END),  # a region (FR-75 is one too) or a locale
    ("host", _EDGE + r"ip-\d{1,3}-\d{1,3}-\d{1,3}-\d{1,3}(?::\d{1,5})?" + _END),
    ("num", _EDGE + r"0[xX][0-9A-Fa-f]{1,128}" + _END),
    ("num", r"(?<![A-Za-z0-9_.])[-+]?\d{1,3}(?:,\d{3}){1,6}(?:\.\d{1,12})?" + _END),
    ("num", r"(?<![A-Za-z0-9_.-])[-+]?\d{1,40}(?:\.\d{1,40})?(?:e[+-]?\d{1,3})?(?:(?:ms|us|µs|ns|min|sec|s|m|h|d|%|[kKMGT]i?[bB]|[bB]|px|x)(?![A-Za-z0-9_]))?(?![A-Za-z0-9_.-]|\.\d)"),
    ("word", _EDGE + r"[A-Za-z0-9_][A-Za-z0-9_.@#$+-]{0,200}"),
)  # fmt: skip
_PATTERN = re.compile(
    r"(?![\s,;!?)\]}>]|\.(?![./]))(?:"
    + "|".join(f"(?P<{name}_{i}>{rule})" for i, (name, rule) in enumerate(_RULES))
    + ")"
)
"""Where no rule begins, none is tried."""
_KIND_OF = {f"{name}_{i}": name for i, (name, _) in enumerate(_RULES)}
_REPEATED = re.compile(r"(<[a-z]{2,8}>)(?:(?:, ?|、|; ?|/| )\1){1,500}")
_QUOTES = re.compile(r"[\"'\\]")
_BLANKS = re.compile(r"[ \t\u3000]{2,}")
_CODE_IN_JSON = re.compile(
    r"\\{0,6}[\"']([A-Za-z_.]{1,30})\\{0,6}[\"']\s{0,4}:\s{0,4}\\{0,6}[\"']?([A-Za-z0-9_.-]{1,60})"
)
_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z_$.:<>()\[\]-]{0,120}")
_NAME_MORE = re.compile(r"(?: (?:[^\x00-\x7f\s=]{1,20}|[A-Z][a-z]{1,20}))(?= [^\s=]{1,40}=)")


@lru_cache(maxsize=4096)
def template_of(message: str) -> str:
    """Return the template of a message; lines beyond MAX_TEMPLATE_LINES do not count.

    >>> template_of("order OD2026 not charged after 3 retries (took 1.5s)")
    'order <num> not charged after <num> retries (took <num>)'
    >>> template_of("GET http://stock.internal:8080/v2?sku=1 answered HTTP 502")
    'GET <url> answered HTTP 502'
    """
    return "\n".join(_template_of_line(line) for line in _lines_of(message))


@lru_cache(maxsize=4096)
def template_in_pieces(message: str, pieces_of: PiecesOf) -> str:
    """Return the template of a message of which somebody else knows some pieces; those are taken as they are said to be."""
    lines = _lines_of(message)
    return "\n".join(
        _joined([stands or (_replace_variables(text) if text else "") for text, stands in pieces_of(line)])
        for line in lines
    )


def _lines_of(message: str) -> list[str]:
    return [line.strip() for line in message[:MAX_TEMPLATE_CHARS].splitlines() if line.strip()][:MAX_TEMPLATE_LINES]


def _template_of_line(line: str) -> str:
    return _joined([_replace_variables(line)])


def _replace_variables(line: str) -> str:
    parts: list[str] = []
    position = 0
    while (match := _PATTERN.search(line, position)) is not None:
        parts.append(line[position : match.start()])
        text, position = _replaced(match, line)
        parts.append(text)
    parts.append(line[position:])
    return "".join(parts)


def _joined(parts: list[str]) -> str:
    return _BLANKS.sub(" ", _REPEATED.sub(r"\1", "".join(parts))).strip()


def _replaced(match: re.Match[str], line: str) -> tuple[str, int]:
    """Return what stands for the match and where to go on."""
    text, kind = match.group(), _KIND_OF[match.lastgroup or ""]
    if kind == "plain":
        return text, match.end()
    if kind == "json":
        end = _json_end(line, match.start())
        return _json_placeholder(line[match.start() : end]), end
    if kind == "pair":
        return _pair(text, line, match.end())
    if kind in {"quoted", "bracket"} and _is_named(line[max(0, match.start() - 20) : match.start()], kind):
        return "<str>", match.end()
    replace = _PLACEHOLDER.get(kind)
    return (f"<{kind}>" if replace is None else replace(text)), match.end()


def _is_named(before: str, kind: str) -> bool:
    """Say whether the words before quotes tell that a person's, machine's or thing's own name stands in them."""
    if kind == "bracket":
        return _NAMED_BEFORE_BRACKETS.search(before) is not None
    return before.rstrip(" :=").rpartition(" ")[2].lower() in _NAMED_BEFORE_QUOTES


def _pair(text: str, line: str, end: int) -> tuple[str, int]:
    key, _, value = text.partition("=")
    bare = value.strip("\"'")
    name = key.lower().rsplit(".", 1)[-1]
    if ((name in _CODE_KEYS or name.endswith(_CODE_KEY_ENDS)) and _is_code(bare)) or _SCREAMING.fullmatch(bare):
        return f"{key}={bare}", end
    if name in _CAUSE_KEYS and (" " in bare or _PLACED.search(bare)):
        return f"{key}={_template_of_line(bare)}", end
    if (more := _NAME_MORE.match(line, end)) is not None:
        end = more.end()
    return f"{_word(key)}=<val>", end


def _is_code(value: str) -> bool:
    """A short status, an upper-case or dotted identifier: something a program compares with."""
    return len(value) <= 60 and ((value.isdigit() and len(value) <= 5) or bool(_CODE_VALUE.fullmatch(value)))


_PLACED = re.compile(r"<[a-z]{2,8}>")
_CODE_VALUE = re.compile(
    r"-?\d{1,5}|[A-Za-z_][A-Za-z_.-]{0,59}|[A-Z]{1,8}[-_]?\d{1,7}|\d{2}[A-Z0-9]{3}|[245]\.\d\.\d{1,3}|0x[0-9A-Fa-f]{8}"
    r"|[\u3040-\u30ff\u3400-\u9fff々ー]{1,20}"
)
_SCREAMING = re.compile(r"[A-Z]{2,40}(?:_[A-Z]{1,40}){1,8}")
"""A constant of the program: whatever its key is, two of them are two failures."""


def _quoted(text: str) -> str:
    inner = text[1:-1]
    if len(inner) == 1 and inner.isalnum():
        return "<str>"  # one character in quotes is what a parser met, never a name
    return text if not inner or _IDENTIFIER.fullmatch(inner) or _is_plain_word(inner) else "<str>"


def _bracketed(text: str) -> str:
    return "<str>" if any(char.isascii() and char.isalnum() for char in text) else text


def _is_plain_word(text: str) -> bool:
    return text.isascii() and text.replace(" ", "").isalpha() and len(text) <= 40


def _word(text: str) -> str:
    """A token: kept unless a digit makes it an id."""
    if _DIGIT.search(text) is None:
        return text
    bare = text.rstrip(".-@#$+")
    is_kept = bare.lower() in _WORDS_WITH_DIGITS or _DIGIT.search(bare) is None
    return text if is_kept else f"<num>{text[len(bare) :]}"


_DIGIT = re.compile("[0-9]")


def _keep(text: str) -> str:
    return text


_PLACEHOLDER: dict[str, Callable[[str], str]] = {
    "kept": _keep,
    "status": lambda text: _QUOTES.sub("", text),
    "code": _keep,
    "quoted": _quoted,
    "bracket": _bracketed,
    "word": _word,
}


def _json_end(line: str, start: int) -> int:
    """Return the index after the JSON value that begins at `start`; the line's end when it is cut."""
    depth, in_string, escaped = 0, False, False
    for index in range(start, len(line)):
        char = line[index]
        if in_string:
            in_string = escaped or char != '"'
            escaped = char == "\\" and not escaped
        elif char == '"':
            in_string = True
        elif char in "{[":
            depth += 1
        elif char in "}]":
            depth -= 1
            if depth == 0:
                return index + 1
    return len(line)


def _json_placeholder(text: str) -> str:
    codes = [
        f" {key}={value}"
        for key, value in _CODE_IN_JSON.findall(text)
        if key.lower() in _CODE_KEYS and _is_code(value) and value not in {"true", "false", "null"}
    ]
    return "<json" + "".join(dict.fromkeys(codes[:MAX_JSON_CODES])) + ">"


def codes_of(template: str) -> tuple[str, ...]:
    """Return the error codes and protocol status that a template kept, in order, each once.

    >>> codes_of(template_of("carrier refused: status=422 code=E4031 body={}"))
    ('status=422', 'code=E4031')
    """
    return tuple(dict.fromkeys(_CODE_IN_TEMPLATE.findall(template)))


_CODE_IN_TEMPLATE = re.compile(
    r"[A-Za-z_.]{1,40}=-?[A-Z0-9][A-Z0-9_-]{1,59}(?![A-Za-z<])|(?i:" + _STATUS_WORDS + r")[ :=(#]{0,3}[1-5]\d\d"
    r"|" + _EDGE + r"[A-Z]{1,8}[-_]?\d{2,7}" + _END + r"|\[Errno -?\d{1,5}\]|\(os error \d{1,5}\)"
)
