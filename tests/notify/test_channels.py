"""Every channel: what it sends, that nothing of an event breaks out of it, what it makes of the other side's answer."""

import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from listening import listening
from mail_server import mail_server
from own_certificate import make_certificate, server_context

from mukiau.notify.answers import Outcome, Reason
from mukiau.notify.cause import Cause, CauseKind
from mukiau.notify.channels import mail, slack, webhook
from mukiau.notify.channels.plan import MailServer, Means, Parcel
from mukiau.notify.channels.registry import CHANNELS
from mukiau.notify.message import MAX_SHOWN, Message, compose_news, compose_test, message_to_json, parse_message
from mukiau.notify.outside import Outside
from mukiau.notify.route import Address
from mukiau.notify.words import ENGLISH, JAPANESE, LANGUAGES, Words

BASE = "https://m.example.com/mukiau"
EVIL = 'x <!channel> <https://evil.example|click> & *b* `c` "q"\r\nBcc: all@example.com\x00\u202e'
MEANS = Means(outside=Outside(allowed_hosts=frozenset({"127.0.0.1"})), now_seconds=1_800_000_000)


def cause(number: int = 1, **more: object) -> Cause:
    values = {"title": "ポイント付与に失敗しました", "service": "points", "environment": "acme-prod", **more}
    return Cause(
        kind=CauseKind.NEW, key=f"k{number}", project_id=1, issue_id=number, at_ms=5, path=f"issues/{number}/", **values
    )


def parcel(*causes: Cause, words: Words = JAPANESE, key: str = "0123456789abcdef", **more: object) -> Parcel:
    return Parcel(key=key, message=compose_news(causes, words=words, base_url=BASE, **more))


def with_mail(port: int, **changes: object) -> Means:
    server = MailServer(host="127.0.0.1", port=port, security="none", user="", password="", sender="m@example.com")
    return replace(MEANS, mail=replace(server, **changes))


# --- Messages ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", LANGUAGES.values(), ids=LANGUAGES)
def test_every_kind_has_words_in_every_language(words: Words) -> None:
    for kind in CauseKind:
        message = compose_news([replace(cause(), kind=kind)], words=words, base_url=BASE)
        assert message.subject == f"{words.kinds[kind]}: ポイント付与に失敗しました"


def test_a_message_about_many_shows_some_and_counts_the_rest() -> None:
    message = compose_news([cause(n) for n in range(1, 31)], words=JAPANESE, base_url=BASE)

    assert (message.subject, len(message.items), message.count, message.more) == (
        "確認が必要なもの 30 件",
        MAX_SHOWN,
        30,
        "ほか 20 件",
    )
    assert message.url == f"{BASE}/issues/"


@settings(max_examples=50)
@given(st.text(max_size=400), st.text(max_size=50), st.text(max_size=400))
def test_whatever_an_event_says_a_message_is_lines_and_is_stored_as_it_is(title: str, name: str, note: str) -> None:
    message = compose_news([cause(title=title, service=name, note=note)], words=ENGLISH, base_url=BASE)

    lines = [message.subject, message.items[0].title, *message.items[0].facts]
    assert not any(ord(char) < 32 or char in "\u2028\u2029\u202e" for line in lines for char in line)
    assert parse_message(message_to_json(message)) == message


# --- Webhook ----------------------------------------------------------------------------------------------------------


def test_a_program_gets_json_with_a_signature_it_can_check() -> None:
    with listening() as listener:
        answer = CHANNELS["webhook"].send(parcel(cause()), Address(to=listener.url, secret="s3cret"), MEANS)

    (got,) = listener.got
    stamp = got.headers["Mukiau-Timestamp"]
    signature = hmac.new(b"s3cret", f"{stamp}.".encode() + got.body, "sha256").hexdigest()
    body = json.loads(got.body)
    assert answer.outcome is Outcome.SENT
    assert (got.headers["Mukiau-Signature"], stamp) == (f"v1={signature}", "1800000000")
    assert (body["id"], got.headers["Mukiau-Delivery"]) == ("0123456789abcdef", "0123456789abcdef")
    assert (body["kind"], body["items"][0]["issue_id"], body["items"][0]["environment"]) == ("news", 1, "acme-prod")


def test_another_body_time_or_secret_has_another_signature() -> None:
    signatures = {
        webhook.sign(body, secret, timestamp=timestamp)
        for body in (b"{}", b"{} ")
        for secret in ("k", "l")
        for timestamp in (5, 6)
    }

    assert len(signatures) == 8


# --- Slack ------------------------------------------------------------------------------------------------------------


def slack_body(made: Parcel) -> dict[str, object]:
    body: dict[str, object] = json.loads(slack.render_body(made))
    return body


def test_slack_gets_a_header_a_section_for_each_thing_and_a_link_to_its_page() -> None:
    body = slack_body(parcel(cause()))

    blocks = body["blocks"]
    assert [block["type"] for block in blocks] == ["header", "section", "context"]
    assert blocks[0]["text"]["text"] == "新しいイシュー: ポイント付与に失敗しました"
    assert blocks[1]["text"]["text"] == (
        f"*<{BASE}/issues/1/|ポイント付与に失敗しました>*\n新しいイシュー · points · acme-prod"
    )
    assert body["text"] == "新しいイシュー: ポイント付与に失敗しました"


def test_no_text_of_an_event_becomes_a_link_or_calls_anybody_in_slack() -> None:
    body = slack.render_body(parcel(cause(title=EVIL, service=EVIL, environment=EVIL, note=EVIL))).decode()

    assert "<!channel>" not in body
    assert "<https://evil" not in body
    assert body.count("&lt;!channel&gt;") >= 5  # text, header, title and facts
    assert all(part.startswith(BASE) for part in body.split("<")[1:])
    assert body.count('"verbatim": true') == body.count('"mrkdwn"')


@given(st.text(max_size=300), st.text(max_size=300))
def test_slack_takes_what_is_made_of_any_text(title: str, note: str) -> None:
    body = slack_body(parcel(*[cause(n, title=title, note=note) for n in range(1, 15)], words=ENGLISH))
    one = slack_body(parcel(cause(title=title + "x" * 200), words=ENGLISH))

    assert len(body["blocks"]) <= 50
    assert all(len(block["text"]["text"]) <= 3_000 for block in body["blocks"] if block["type"] == "section")
    assert 0 < len(one["blocks"][0]["text"]["text"]) <= 150
    assert not one["blocks"][0]["text"]["text"].rstrip("…").endswith(("&", "&l", "&lt", "&a", "&am", "&amp"))


def test_people_are_called_by_their_own_name_in_slack_and_nobody_else() -> None:
    made = parcel(cause(person_ids=(1, 2, 3, 4)), slack_ids={1: "U012ABCDEF", 2: "!channel", 4: "W0123456"})

    body = slack.render_body(made).decode()

    assert "<@U012ABCDEF> <@" not in body
    assert "<@U012ABCDEF> · <@W0123456> · " in body
    assert "!channel" not in body


def test_what_slack_answers_is_said_along() -> None:
    with listening() as listener:
        listener.statuses, listener.said = [410], b"channel_is_archived"
        archived = CHANNELS["slack"].send(parcel(cause()), Address(to=listener.url), MEANS)
        listener.statuses, listener.said = [404], b"<script>no</script>"
        page = CHANNELS["slack"].send(parcel(cause()), Address(to=listener.url), MEANS)

    assert (archived.outcome, archived.detail) == (Outcome.FAILED, "HTTP 410 channel_is_archived")
    assert page.detail == "HTTP 404"


# --- E-mail -----------------------------------------------------------------------------------------------------------


def test_a_mail_arrives_in_plain_text_with_a_name_of_its_own() -> None:
    with mail_server() as box:
        made = parcel(cause())
        answer = CHANNELS["email"].send(made, Address(to="a@example.com, b@example.com"), with_mail(box.port))

    (got,) = box.mails
    assert answer.outcome is Outcome.SENT
    assert box.recipients == ["a@example.com", "b@example.com"]
    assert got["Subject"] == "[mukiau] 新しいイシュー: ポイント付与に失敗しました"
    assert (got["Message-ID"], got["Auto-Submitted"]) == ("<0123456789abcdef@example.com>", "auto-generated")
    text = got.get_content().replace("\r\n", "\n")
    assert "新しいイシュー: ポイント付与に失敗しました\n  points · acme-prod\n" in text
    assert f"  {BASE}/issues/1/\n" in text
    assert text.rstrip().endswith(JAPANESE.footer)


def test_no_text_of_an_event_becomes_a_header_of_a_mail() -> None:
    with mail_server() as box:
        CHANNELS["email"].send(
            parcel(cause(title=EVIL), words=ENGLISH), Address(to="a@example.com"), with_mail(box.port)
        )

    (got,) = box.mails
    assert got["Bcc"] is None
    assert box.recipients == ["a@example.com"]
    assert "Bcc: all@example.com" in got["Subject"]


@pytest.mark.parametrize(
    ("recipient", "data", "outcome", "detail"),
    [
        (b"550 no such user", b"250 ok", Outcome.FAILED, "SMTP 550"),
        (b"451 later", b"250 ok", Outcome.RETRY, "SMTP 451"),
        (b"250 ok", b"554 spam", Outcome.FAILED, "SMTP 554"),
        (b"250 ok", b"452 full", Outcome.RETRY, "SMTP 452"),
    ],
)
def test_what_the_mail_server_says_decides(recipient: bytes, data: bytes, outcome: Outcome, detail: str) -> None:
    with mail_server() as box:
        box.recipient, box.data = recipient, data
        answer = CHANNELS["email"].send(parcel(cause()), Address(to="a@example.com"), with_mail(box.port))

    assert (answer.outcome, answer.detail) == (outcome, detail)


def test_a_server_that_cannot_encrypt_is_given_neither_password_nor_mail() -> None:
    with mail_server() as box:
        means = with_mail(box.port, security="starttls", user="mukiau", password="s3cret")
        answer = CHANNELS["email"].send(parcel(cause()), Address(to="a@example.com"), means)

    assert answer.outcome is Outcome.RETRY
    assert not {"AUTH", "DATA"} & set(box.commands)


def test_a_mail_goes_out_encrypted_from_the_beginning_to_a_server_whose_certificate_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path, address="127.0.0.1")
    with mail_server(server_context(certificate)) as box:
        means = with_mail(box.port, security="tls")
        unknown = CHANNELS["email"].send(parcel(cause()), Address(to="a@example.com"), means)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        known = CHANNELS["email"].send(parcel(cause()), Address(to="a@example.com"), means)

    assert (unknown.outcome, unknown.reason) == (Outcome.RETRY, Reason.TLS)
    assert known.outcome is Outcome.SENT
    assert len(box.mails) == 1


def test_a_password_the_server_does_not_take_is_tried_again_because_it_can_be_put_right() -> None:
    with mail_server() as box:
        box.offers = b"AUTH PLAIN"
        means = with_mail(box.port, user="mukiau", password="s3cret")
        answer = CHANNELS["email"].send(parcel(cause()), Address(to="a@example.com"), means)

    assert (answer.outcome, answer.detail) == (Outcome.RETRY, "SMTP 535")
    assert "s3cret" not in repr((answer, means))


def test_nobody_at_the_mail_servers_door_is_tried_again() -> None:
    with mail_server() as box:
        port = box.port

    assert (
        CHANNELS["email"].send(parcel(cause()), Address(to="a@example.com"), with_mail(port)).outcome is Outcome.RETRY
    )


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("ops@example.com", Reason.NONE),
        ("a@example.com, b@mail.example.co.jp", Reason.NONE),
        ("", Reason.MAIL_ADDRESS),
        ("ops", Reason.MAIL_ADDRESS),
        ("a@example.com\r\nBcc: b@example.com", Reason.MAIL_ADDRESS),
        ("Ops <a@example.com>", Reason.MAIL_ADDRESS),
        (",".join(f"p{n}@example.com" for n in range(21)), Reason.MAIL_ADDRESS),
    ],
)
def test_mail_addresses_are_looked_at_before_they_are_kept(to: str, reason: Reason) -> None:
    assert mail.find_mistake(to, with_mail(25)) is reason


def test_without_a_mail_server_nobody_is_promised_mail() -> None:
    assert mail.find_mistake("ops@example.com", MEANS) is Reason.NOT_SET_UP
    assert CHANNELS["email"].send(parcel(cause()), Address(to="a@example.com"), MEANS).reason is Reason.NOT_SET_UP


# --- All of them ------------------------------------------------------------------------------------------------------

TEST = Parcel(key="t" * 32, message=compose_test(words=ENGLISH, base_url=BASE))


@pytest.mark.parametrize("name", CHANNELS)
def test_every_channel_sends_the_test_message(name: str) -> None:
    with mail_server() as box, listening() as listener:
        to = "ops@example.com" if name == "email" else listener.url
        assert CHANNELS[name].find_mistake(to, with_mail(box.port)) is Reason.NONE

        answer = CHANNELS[name].send(TEST, Address(to=to, secret="k"), with_mail(box.port))

    assert answer.outcome is Outcome.SENT
    got: list[Callable[[], str]] = [got.body.decode for got in listener.got] + [m.get_content for m in box.mails]
    assert [ENGLISH.test_text in read() for read in got] == [True]


@pytest.mark.parametrize("name", ["slack", "webhook"])
@pytest.mark.parametrize("to", ["http://hooks.example.com/x", "hooks.example.com", "https://u:p@hooks.example.com/"])
def test_what_is_no_web_address_is_refused_before_it_is_kept(name: str, to: str) -> None:
    assert CHANNELS[name].find_mistake(to, MEANS) is Reason.ADDRESS


def test_a_message_of_no_things_is_a_message() -> None:
    assert parse_message(message_to_json(TEST.message)) == TEST.message
    assert isinstance(TEST.message, Message)
