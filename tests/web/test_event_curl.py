"""The request as a curl command: a shell reads exactly what was sent, whatever stands in it."""

import json
import shlex
import shutil
import subprocess
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mukiau.web.event.curl import curl_of, shell_quoted

URL = "https://shop.example.com/orders"
HOSTILE = (
    'it\'s "quoted" $HOME `id` $(id) \\ !history',
    "two\nlines\tand a tab",
    "日本語と絵文字 🍣",
    "'; rm -rf ~ #",
    "@/etc/passwd",
    "-o /tmp/x",
)


def words(request: dict[str, Any]) -> list[str]:
    return shlex.split(curl_of(request))


def options(request: dict[str, Any], name: str) -> list[str]:
    split = words(request)
    return [split[place + 1] for place, word in enumerate(split) if word == name]


@pytest.mark.parametrize("body", HOSTILE)
def test_a_text_body_comes_out_of_the_shell_as_it_was(body: str) -> None:
    assert options({"url": URL, "data": body}, "--data-raw") == [body]


@pytest.mark.parametrize("value", [text for text in HOSTILE if "\n" not in text])
def test_a_header_comes_out_of_the_shell_as_it_was(value: str) -> None:
    assert options({"url": URL, "headers": {"X-Note": value}}, "-H") == [f"X-Note: {value}"]


def test_a_header_that_would_be_two_is_left_out() -> None:
    assert options({"url": URL, "headers": {"X-A": "a\r\nX-B: b", "X\nC": "c"}}, "-H") == []


def test_an_object_is_sent_as_json_or_as_a_form_by_its_content_type() -> None:
    data = {"sku": "A-1207 & co", "note": "お願い"}

    as_json = options({"url": URL, "data": data}, "--data-raw")
    form = options(
        {"url": URL, "data": data, "headers": {"Content-Type": "application/x-www-form-urlencoded"}}, "--data-raw"
    )
    parts = options(
        {"url": URL, "data": data, "headers": {"content-type": "multipart/form-data; boundary=x"}}, "--form-string"
    )

    assert json.loads(as_json[0]) == data
    assert dict(parse_qsl(form[0])) == data
    assert parts == ["sku=A-1207 & co", "note=お願い"]


def test_the_method_is_said_only_where_curl_would_take_another() -> None:
    assert "-X" not in words({"url": URL, "method": "GET"})
    assert "-X" not in words({"url": URL, "method": "POST", "data": "a"})
    assert options({"url": URL, "method": "delete"}, "-X") == ["DELETE"]
    assert options({"url": URL, "method": "POST"}, "-X") == ["POST"]
    assert "--head" in words({"url": URL, "method": "HEAD"})


def test_query_cookies_and_a_path_with_its_host_are_put_together() -> None:
    request = {
        "url": "/orders",
        "query_string": [["q", "あ b"]],
        "headers": [["Host", "shop.example.com"]],
        "cookies": {"a": "[scrubbed]"},
    }

    assert words(request)[1] == "https://shop.example.com/orders?q=%E3%81%82+b"
    assert options(request, "-H") == ["Cookie: a=[scrubbed]"]


@pytest.mark.parametrize("url", ["", "/only/a/path", "file:///etc/passwd", "-o", "gopher://x", "javascript:alert(1)"])
def test_an_address_that_leads_nowhere_on_the_web_gives_no_command(url: str) -> None:
    assert curl_of({"url": url, "method": "GET"}) == ""


def test_brackets_in_an_address_are_no_pattern() -> None:
    assert words({"url": f"{URL}?a[]=1"}) == ["curl", "--globoff", f"{URL}?a[]=1"]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60))
def test_any_text_is_one_word_of_a_shell(text: str) -> None:
    quoted = shell_quoted(text)

    assert not any(char < " " and char not in "\t\n" for char in quoted)
    if not quoted.startswith("$"):
        assert shlex.split(quoted) == [text]


@pytest.mark.skipif(shutil.which("bash") is None, reason="NOT TESTED: there is no bash here")
def test_bash_reads_control_characters_back_as_they_were() -> None:
    text = "a\x03b\x1b[201~c'd\\e\x7f\u2028日本\r\n"

    ran = subprocess.run(
        ["bash", "-c", f"printf %s {shell_quoted(text)}"], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"}
    )

    assert ran.stdout.decode() == text
