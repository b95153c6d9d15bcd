"""A mail server on a socket that takes mails, or fails as mail servers do."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage


class MailServer(socketserver.ThreadingTCPServer):
    """A server whose `mood` is `kind`, or the step that fails: `rcpt`, `data`, `hangup`, `quit`.

    It takes addresses that aren't ASCII only if `extensions` has `SMTPUTF8`. `envelopes` holds the
    lines that name senders and recipients.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.mood = "kind"
        self.extensions = ["8BITMIME"]
        self.envelopes: list[str] = []
        self.code = 550
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 here")
        while line := self.rfile.readline():
            verb = line[:4].upper().decode()
            if verb == "EHLO":
                self._greet()
            elif verb in {"MAIL", "RCPT"}:
                self._name(verb, line)
            elif verb == "DATA":
                if not self._take():
                    return
            elif verb == "QUIT":
                self._say("221 bye" if self.server.mood != "quit" else "221 bye" * 2000)
                return
            else:
                self._say("250 fine")

    def _greet(self) -> None:
        lines = ["here", *self.server.extensions]
        for line in lines[:-1]:
            self._say(f"250-{line}")
        self._say(f"250 {lines[-1]}")

    def _name(self, verb: str, line: bytes) -> None:
        self.server.envelopes.append(line.decode().strip())
        if not line.isascii() and "SMTPUTF8" not in self.server.extensions:
            self._say("553 no such address")
        elif verb == "RCPT" and self.server.mood == "rcpt":
            self._say(f"{self.server.code} no such mailbox")
        else:
            self._say("250 fine")

    def _take(self) -> bool:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        if self.server.mood == "data":
            self._say(f"{self.server.code} not today")
            return True
        self.server.raw.append(b"".join(lines))
        self.server.mails.append(message_from_bytes(b"".join(lines), policy=policy.default))
        if self.server.mood == "hangup":
            return False
        self._say("250 taken")
        return True

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
