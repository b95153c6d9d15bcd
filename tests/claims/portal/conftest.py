from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from claims.models import Order
from tests.makers import REASON


@pytest.fixture
def ann_client(client: Client, ann: User) -> Client:
    """Return a browser in which Ann is signed in."""
    client.force_login(ann)
    return client


@pytest.fixture
def send(ann_client: Client) -> Callable[..., Any]:
    """Return a function that sends one step of Ann's claim form, with its fields and files."""

    def post(
        order: Order,
        *,
        step: str = "check",
        files: Iterable[SimpleUploadedFile] = (),
        **fields: Any,
    ) -> Any:
        filled = {
            "step": step,
            "kind": "invalid_number",
            "reason": REASON,
            "terms": "on",
            "submission": str(uuid4()),
        }
        data = {**filled, **fields, "files": list(files)}
        url = reverse("portal:file_claim", args=[order.shop_id])
        return ann_client.post(url, {name: value for name, value in data.items() if value != ""})

    return post
