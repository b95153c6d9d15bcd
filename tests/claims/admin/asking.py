"""Requests for the queue's page."""

from django.test import Client
from django.urls import reverse

from claims.admin.queue.queue_page import QueuePage
from claims.models import Upload

QUEUE = reverse("admin:claims_claim_changelist")
EXPORT = reverse("admin:claims_claim_export")
SAVE = reverse("admin:claims_claim_save_filter")


def page(client: Client, **query: str) -> QueuePage:
    response = client.get(QUEUE, query)
    assert response.status_code == 200
    shown: QueuePage = response.context["queue"]
    return shown


def codes(client: Client, **query: str) -> list[str]:
    """Return the codes of the claims, in their order."""
    return [claim.code for claim in page(client, **query).claims]


def text_of(client: Client, **query: str) -> str:
    return client.get(QUEUE, query).content.decode()


def show_thumbnail(upload: Upload, role: str = "thumbnail") -> None:
    """Add a thumbnail as the inspection does."""
    upload.renditions.create(
        role=role, name=f"aa/{upload.pk}-{role}", media_type="image/webp", width=4, height=4,
        size=4, sha256="0" * 64,
    )  # fmt: skip
