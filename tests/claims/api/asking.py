"""Requests from a customer's program."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, User
from accounts.tokens import make_token

ALL = ApiToken.Scope.values


class Program:
    """A client that signs in with a token of this person."""

    def __init__(self, owner: User, *scopes: str) -> None:
        self.token, self.secret = make_token(
            owner=owner, name="My bot", scopes=scopes or ALL, now=timezone.now()
        )
        self.client = Client()

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.secret}"}

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers=self.headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.client.post(
            f"/api/v1{path}",
            json.dumps(body or {}),
            content_type="application/json",
            headers=self.headers | headers,
        )


def slugs(response: Any) -> set[str]:
    """Return the slugs of all reasons in a refusal."""
    assert response["content-type"] == "application/problem+json", response.content
    body = response.json()
    assert body["status"] == response.status_code
    return {each["slug"] for each in body.get("errors", [])} | {body["type"].partition("#")[2]}
