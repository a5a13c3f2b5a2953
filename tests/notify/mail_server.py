"""A mail server that takes, refuses or defers what a test wants, and remembers what it got."""

import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage


@dataclass(slots=True)
class MailBox:
    """What the server answers, and what came in."""

    recipient: bytes = b"250 ok"
    data: bytes = b"250 ok"
    offers: bytes = b""
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    port: int = 0


class _Handler(socketserver.StreamRequestHandler):
    """One conversation."""

    box: MailBox

    def handle(self) -> None:
        self._say(b"220 test")
        while line := self.rfile.readline().strip():
            command = line.split()[0].upper().decode()
            self.box.commands.append(command)
            if command == "RCPT":
                self.box.recipients.append(line.decode().partition("<")[2].partition(">")[0])
            self._say(self._answer(command))
            if command == "DATA":
                self._take()

    def _answer(self, command: str) -> bytes:
        offered = b"\r\n250-" + self.box.offers if self.box.offers else b""
        answers = {
            "EHLO": b"250-test" + offered + b"\r\n250 8BITMIME",
            "RCPT": self.box.recipient,
            "DATA": b"354 go on",
            "AUTH": b"535 no",
            "QUIT": b"221 bye",
        }
        return answers.get(command, b"250 ok")

    def _take(self) -> None:
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line)
        if self.box.data.startswith(b"2"):
            self.box.mails.append(message_from_bytes(b"".join(lines), policy=policy.default))
        self._say(self.box.data)

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")


@contextmanager
def mail_server(context: ssl.SSLContext | None = None) -> Iterator[MailBox]:
    """Run a server on a free port, encrypted from the beginning where a context is given."""
    box = MailBox()
    handler = type("Handler", (_Handler,), {"box": box})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield box
        finally:
            server.shutdown()
            thread.join()
