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
        "Read one delivery report (RFC 3464) from standard input, as a mail server pipes it, and "
        "mark the notice that came back."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        report = BytesParser(policy=policy.default).parse(sys.stdin.buffer)
        problem = problem_of(report)
        if not problem:
            self.stdout.write("This is no report of a mail that came back for good.")
            return
        for message_id in message_ids_of(report):
            notice = delivery.record_bounce(message_id=message_id, problem=problem)
            if notice:
                self.stdout.write(f"{notice} came back: {problem}")
                return
        self.stdout.write("No notice that was sent has this Message-ID.")


def problem_of(report: EmailMessage) -> str:
    """What the report says of a recipient who didn't get it for good; empty when it says none."""
    for part in report.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for fields in part.iter_parts():
            if str(fields.get("Action", "")).strip().lower() == "failed":
                said = fields.get("Diagnostic-Code") or fields.get("Status") or "no reason given"
                return " ".join(str(said).split())[:500]
    return ""


def message_ids_of(report: EmailMessage) -> Iterator[str]:
    """Of the mail that came back, as the report has its whole or its head."""
    for part in report.walk():
        if part.get_content_type() == "text/rfc822-headers":
            head = Parser(policy=policy.default).parsestr(part.get_content(), headersonly=True)
            yield str(head.get("Message-ID", "")).strip()
        elif part.get_content_type() == "message/rfc822":
            for original in part.iter_parts():
                yield str(original.get("Message-ID", "")).strip()
