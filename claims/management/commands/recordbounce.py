from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage, Message
from email.parser import BytesParser, Parser
from typing import Any

from django.core.management.base import BaseCommand

from claims.actions.notices import delivery

WHOLE_OR_HEAD = {"message/rfc822", "message/global", "message/global-headers"}


class Command(BaseCommand):
    help = (
        "Read one delivery report (RFC 3464, RFC 6533), which a mail server pipes to standard "
        "input, and mark the notice that bounced."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        report = BytesParser(policy=policy.default).parse(sys.stdin.buffer)
        problem = problem_of(report)
        if not problem:
            self.stdout.write("This is not a report of a mail that bounced for good.")
            return
        for message_id in message_ids_of(report):
            notice = delivery.record_bounce(message_id=message_id, problem=problem)
            if notice:
                self.stdout.write(f"{notice} bounced: {problem}")
                return
        self.stdout.write("No sent notice has this Message-ID.")


def problem_of(report: EmailMessage) -> str:
    """Return the reason why a recipient permanently didn't get the mail; "" if none is reported."""
    for part in report.walk():
        for fields in _recipients_in(part):
            if str(fields.get("Action", "")).strip().lower() == "failed":
                said = fields.get("Diagnostic-Code") or fields.get("Status") or "no reason given"
                return " ".join(str(said).split())[:500]
    return ""


def _recipients_in(part: EmailMessage) -> Iterator[Message]:
    """Yield the groups of fields of a report, also of one with UTF-8 in it (RFC 6533)."""
    kind = part.get_content_type()
    if kind == "message/delivery-status":
        yield from part.iter_parts()
    elif kind == "message/global-delivery-status":
        # Python splits only the ASCII kind into groups; of this one it takes the first for a head.
        for rest in part.iter_parts():
            groups = rest.get_payload(decode=True)
            text = groups.decode(errors="replace") if isinstance(groups, bytes) else ""
            for group in re.split(r"(?:\r?\n){2,}", text):
                yield Parser(policy=policy.default).parsestr(group, headersonly=True)


def message_ids_of(report: EmailMessage) -> Iterator[str]:
    """Yield the Message-IDs of the bounced mail, which the report holds whole or as a head."""
    for part in report.walk():
        if part.get_content_type() == "text/rfc822-headers":
            head = Parser(policy=policy.default).parsestr(part.get_content(), headersonly=True)
            yield str(head.get("Message-ID", "")).strip()
        elif part.get_content_type() in WHOLE_OR_HEAD:
            for original in part.iter_parts():
                yield str(original.get("Message-ID", "")).strip()
