"""What a person reads when the web process cannot answer: in both languages, since only that process knows which one is
wanted. A program gets one English line."""

from base64 import b64encode
from hashlib import sha256
from html import escape

from mukiau.intake.asgi import Scope, Send

_RETRY_SECONDS = 2
_WORDS = {
    400: (
        ("This request cannot be read", "Go back and try again."),
        ("リクエストを読み取れませんでした", "前の画面に戻って、もう一度お試しください。"),
    ),
    413: (
        ("This is too large", "A page takes up to 1 MB. Go back and send less."),
        ("送信内容が大きすぎます", "ページが受け付けるのは 1 MB までです。前の画面に戻り、内容を減らしてください。"),
    ),
    414: (
        ("This address is too long", "An address has up to 8 KB. Go back and search for fewer words."),
        ("アドレスが長すぎます", "アドレスは 8 KB までです。前の画面に戻り、検索語を減らしてください。"),
    ),
    503: (
        ("One moment, please", "The pages of mukiau are starting. This page tries again by itself. No error is lost."),
        (
            "しばらくお待ちください",
            "mukiau の画面を起動しています。このページは自動的に再読み込みされます。エラーの受付は続いています。",
        ),
    ),
    504: (
        ("This page took too long", "Wait a little and load it again, or ask for a shorter period."),
        ("ページの表示に時間がかかりすぎました", "少し待って再読み込みするか、期間を短くしてください。"),
    ),
}
_STYLE = """
:root { color-scheme: light dark; font: 16px/1.7 system-ui, "Hiragino Sans", "Noto Sans CJK JP", sans-serif }
body { max-width: 32em; margin: 20vh auto 0; padding: 0 1em }
h1, h2 { margin: 0; font-size: 1.25em } p { margin: .25em 0 0 } section + section { margin-top: 2em }
"""
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">{refresh}<title>{title} · mukiau</title><style>{style}</style></head>
<body><main><section><h1>{title}</h1><p>{said}</p></section>
<section lang="ja"><h2>{title_ja}</h2><p>{said_ja}</p></section></main></body></html>
"""
# The web process, which has the style sheets, is what is missing; so the page brings its own, and nothing else is allowed.
_POLICY = (
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; "
    f"style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'"
)
_PAGE_HEADERS = (
    (b"content-type", b"text/html; charset=utf-8"),
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
)
_LINE_HEADERS = ((b"content-type", b"text/plain; charset=utf-8"),)


async def send_notice(status: int, scope: Scope, send: Send) -> None:
    """Answer 400, 413, 414, 503 or 504: a page to who accepts one, else a line of text."""
    accept = next((value for name, value in scope["headers"] if name == b"accept"), b"")
    is_page = b"text/html" in accept
    body = _page(status) if is_page else _line(status)
    headers = [*(_PAGE_HEADERS if is_page else _LINE_HEADERS), (b"content-length", str(len(body)).encode())]
    if status == 503:
        headers.append((b"retry-after", str(_RETRY_SECONDS).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _page(status: int) -> bytes:
    (title, said), (title_ja, said_ja) = _WORDS[status]
    refresh = f'<meta http-equiv="refresh" content="{_RETRY_SECONDS}">' if status == 503 else ""
    words = {"title": title, "said": said, "title_ja": title_ja, "said_ja": said_ja}
    return _PAGE.format(refresh=refresh, style=_STYLE, **{name: escape(text) for name, text in words.items()}).encode()


def _line(status: int) -> bytes:
    title, said = _WORDS[status][0]
    return f"{title}. {said}\n".encode()
