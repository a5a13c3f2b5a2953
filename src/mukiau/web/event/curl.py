"""A request as a `curl` command that can be pasted into a shell: quoted so that nothing in it is more than text.

Bodies come in three shapes: an object (JSON or form fields, by content type) and a text as it was sent. What was
scrubbed stays scrubbed; who sends the command again has to put the real value in.
"""

import json
import re
import shlex
from urllib.parse import quote, urlencode

from mukiau.core.event import JSONValue
from mukiau.web.event.shapes import entries_of, text

MAX_BODY_CHARS = 20_000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,200}")
_GLOB = re.compile(r"[\[\]{}]")
_SKIPPED = frozenset({"content-length", "host", "connection", "transfer-encoding", "accept-encoding"})
"""Headers curl makes itself."""
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"


def shell_quoted(given: str) -> str:
    """Return a text as one word of a POSIX shell.

    Control characters go into bash's `$'…'`: some terminals act on them before the shell sees the quotes.

    >>> shell_quoted("it's"), shell_quoted("plain"), shell_quoted("bell" + chr(7))
    ('\\'it\\'"\\'"\\'s\\'', 'plain', "$'bell\\\\x07'")
    """
    if not _CONTROL.search(given):
        return shlex.quote(given)
    escaped = given.replace("\\", "\\\\").replace("'", "\\'")
    return "$'" + _CONTROL.sub(_ansi, escaped) + "'"


def _ansi(match: re.Match[str]) -> str:
    return "".join(f"\\x{byte:02x}" for byte in match.group().encode())


def curl_of(request: dict[str, JSONValue]) -> str:
    """Return the command for a wire request; "" when it has no address that leads somewhere."""
    url = _address(request)
    if not url:
        return ""
    headers, body = _headers(request), _body(request)
    method = text(request.get("method")).upper() or ("POST" if body else "GET")
    words = [["curl", *(["--globoff"] if _GLOB.search(url) else []), shell_quoted(url)]]
    if method == "HEAD":
        words.append(["--head"])
    elif method != ("POST" if body else "GET"):
        words.append(["-X", shell_quoted(method)])
    words += [["-H", shell_quoted(header)] for header in headers]
    words += [[option, shell_quoted(content)] for option, content in body]
    return " \\\n  ".join(" ".join(word) for word in words)


def _address(request: dict[str, JSONValue]) -> str:
    url, query = text(request.get("url")), _query_text(request.get("query_string"))
    if url.startswith("/"):
        host = next((text(v) for n, v in entries_of(request.get("headers")) if n.lower() == "host"), "")
        url = f"https://{host}{url}" if host else ""
    if not url.startswith(("http://", "https://")):
        return ""
    url = url.partition("#")[0]
    return url if not query or "?" in url else f"{url}?{query}"


def _query_text(query: JSONValue) -> str:
    if isinstance(query, dict | list):
        return urlencode([(name, text(value)) for name, value in entries_of(query)])
    return quote(text(query).lstrip("?"), safe="%/?:@!$&'()*+,;=-._~[]{}")


def _headers(request: dict[str, JSONValue]) -> list[str]:
    """Return `Name: value` of each header curl does not make itself, cookies among them."""
    given = [(name, text(value)) for name, value in entries_of(request.get("headers"))]
    names = {name.lower() for name, _ in given}
    cookies = "; ".join(f"{name}={text(value)}" for name, value in entries_of(request.get("cookies")))
    if cookies and "cookie" not in names:
        given.append(("Cookie", cookies))
    if request.get("data") and "content-type" not in names:
        given.append(("Content-Type", content_type_of(request)))
    return [
        f"{name}: {value}" if value else f"{name};"  # `Name:` would take a header away
        for name, value in given
        if _TOKEN.fullmatch(name) and name.lower() not in _SKIPPED and not ("\n" in value or "\r" in value)
    ]


def content_type_of(request: dict[str, JSONValue]) -> str:
    """Return the body's content type without parameters: as its header says, else as the sender guessed."""
    named = {name.lower(): text(value) for name, value in entries_of(request.get("headers"))}
    given = named.get("content-type") or text(request.get("inferred_content_type"))
    kind = given.partition(";")[0].strip().lower()
    return kind or ("text/plain" if isinstance(request.get("data"), str) else _JSON)


def _body(request: dict[str, JSONValue]) -> list[tuple[str, str]]:
    """Return curl's options for the body."""
    data = request.get("data")
    if data in (None, "", [], {}):
        return []
    kind = content_type_of(request)
    if isinstance(data, str):
        return [("--data-raw", data[:MAX_BODY_CHARS])]
    fields = entries_of(data)
    if kind == _MULTIPART and fields:
        return [("--form-string", f"{name}={text(value)}"[:MAX_BODY_CHARS]) for name, value in fields[:100]]
    if kind == _FORM and fields:
        return [("--data-raw", urlencode([(name, text(v)) for name, v in fields], errors="replace")[:MAX_BODY_CHARS])]
    return [("--data-raw", json.dumps(data, ensure_ascii=False, default=str)[:MAX_BODY_CHARS])]
