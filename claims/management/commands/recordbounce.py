from __future__ import annotations

import sys
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser, Parser
from typing import Any

from django.core.management.base import BaseCommand

from claims.actions.notices import delivery


class Command(BaseCommand):
    help = (
        "Read one delivery report (RFC 3464), which a mail server pipes to standard input, and "
        "mark the notice that bounced."
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
        if part.get_content_type() != "message/delivery-status":
            continue
        for fields in part.iter_parts():
            if str(fields.get("Action", "")).strip().lower() == "failed":
                said = fields.get("Diagnostic-Code") or fields.get("Status") or "no reason given"
                return " ".join(str(said).split())[:500]
    return ""


def message_ids_of(report: EmailMessage) -> Iterator[str]:
    """Yield the Message-IDs of the bounced mail, which the report holds whole or as a head."""
    for part in report.walk():
        if part.get_content_type() == "text/rfc822-headers":
            head = Parser(policy=policy.default).parsestr(part.get_content(), headersonly=True)
            yield str(head.get("Message-ID", "")).strip()
        elif part.get_content_type() == "message/rfc822":
            for original in part.iter_parts():
                yield str(original.get("Message-ID", "")).strip()
