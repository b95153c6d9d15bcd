"""The roles that may open each URL of the portal: a row for each, in `EXPECTED`."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from claims.admin.review.review_views import STEPS

ROLES = ["anonymous", "ann", "bob", "sue", "max_", "rita", "otto"]

OUTCOMES = {"open", "sign-in", "forbidden", "missing"}


def row(words: str) -> dict[str, str]:
    """Return the expected answer for each role, from one word for each, in the order of `ROLES`."""
    return dict(zip(ROLES, words.split(), strict=True))


EVERYONE = row("open open open open open open open")

SIGNED_IN = row("sign-in open open open open open open")

OWNER = row("sign-in open missing missing missing missing missing")

EVIDENCE = row("sign-in open missing open open missing open")

STAFF = row("sign-in forbidden forbidden open open open open")

DESK = row("sign-in forbidden forbidden open open forbidden open")

DECIDERS = row("sign-in forbidden forbidden open open forbidden forbidden")

SUPERVISOR = row("sign-in forbidden forbidden forbidden open forbidden forbidden")

EXPORT = row("sign-in forbidden forbidden forbidden forbidden open forbidden")

QUEUE = row("sign-in forbidden forbidden open open open open")

DAYS = row("sign-in forbidden forbidden open open forbidden open")

PROGRAMS = row("sign-in sign-in sign-in sign-in sign-in sign-in sign-in")

NOBODY = row("sign-in forbidden forbidden forbidden forbidden forbidden forbidden")

SUPERVISING = {"goodwill", "reopen", "lift-flag", "wrongly-paid"}
DECIDING = [
    "next",
    "take",
    "renew",
    "release",
    *(step.name for step in STEPS if step.name not in SUPERVISING),
]

# The first pattern that matches a URL's name applies.
EXPECTED = {
    "account_login": EVERYONE,
    "account_logout": EVERYONE,
    "account_inactive": EVERYONE,
    "account_signup": EVERYONE,
    "account_confirm_email": EVERYONE,
    "account_email_verification_sent": EVERYONE,
    "account_reset_password*": EVERYONE,
    "account_request_login_code": EVERYONE,
    "account_confirm_login_code": EVERYONE,
    "account_another_code": EVERYONE,
    # The link is secret, and printed for one person alone.
    "sign_in_link": EVERYONE,
    "account_reauthenticate": SIGNED_IN,
    "account_email": SIGNED_IN,
    "account_change_password": SIGNED_IN,
    "account_set_password": SIGNED_IN,
    "profile": SIGNED_IN,
    "api_tokens": SIGNED_IN,
    "revoke_api_token": OWNER,
    "portal:home": EVERYONE,
    "portal:policy": EVERYONE,
    # The link is signed, and known to its customer alone.
    "portal:merge": EVERYONE,
    "portal:orders": SIGNED_IN,
    "portal:claims": SIGNED_IN,
    "portal:credit": SIGNED_IN,
    "portal:notices": SIGNED_IN,
    "portal:read_all": SIGNED_IN,
    "portal:rendition": EVIDENCE,
    "portal:*": OWNER,
    # The description of the shop's events reveals nothing about anybody; sending them takes a
    # signature.
    "api:api-root": row("missing missing missing missing missing missing missing"),
    **dict.fromkeys(["api:openapi-*", "api:receive_shop_events"], EVERYONE),
    # A session doesn't count there.
    "api:*": PROGRAMS,
    "api_*upload": PROGRAMS,
    "admin:login": STAFF,
    "admin:logout": STAFF,
    "admin:index": STAFF,
    "admin:claims_claim_changelist": QUEUE,
    "admin:claims_claim_review": DESK,
    "admin:claims_claim_change": DESK,
    "admin:claims_claim_history": QUEUE,
    **{f"admin:claims_claim_{name}": SUPERVISOR for name in SUPERVISING},
    "admin:claims_claim_export": EXPORT,
    **{f"admin:claims_claim_{name}": DECIDERS for name in DECIDING},
    "admin:claims_claim_bulk": DECIDERS,
    "admin:claims_incident_group": DESK,
    "admin:claims_incident_progress": DESK,
    **dict.fromkeys(["admin:claims_incident_stop", "admin:claims_incident_resume"], DECIDERS),
    "admin:claims_claim_save_filter": QUEUE,
    "admin:claims_claim_delete_filter": row(
        "sign-in forbidden forbidden open missing missing missing"
    ),
    "admin:claims_service_map": SUPERVISOR,
    "admin:accounts_customermerge_start": SUPERVISOR,
    "admin:accounts_customermerge_confirm": DECIDERS,
    "admin:accounts_customermerge_cancel": DECIDERS,
    "admin:claims_policyversion_add": SUPERVISOR,
    "admin:claims_cannedreply_add": SUPERVISOR,
    "admin:claims_cannedreply_delete": SUPERVISOR,
    "admin:claims_event_day": DAYS,
    "admin:claims_event_story": DAYS,
    "admin:*_add": NOBODY,
    "admin:*_delete": NOBODY,
    "admin:auth_group_*": NOBODY,
    "admin:procrastinate_*": NOBODY,
    "admin:*_changelist": DESK,
    "admin:*_change": DESK,
    "admin:*_history": DESK,
}

# Django's own pages: they show nothing of ours, or redirect to a page that has a row.
DJANGOS_OWN = {
    "admin:None",
    "admin:app_list",
    "admin:autocomplete",
    "admin:jsi18n",
    "admin:password_change",
    "admin:password_change_done",
    "admin:view_on_site",
}

POST_ONLY = {
    "portal:cancel_and_return",
    "portal:create_upload",
    "portal:withdraw_claim",
    "portal:choose",
    "portal:read_all",
    "portal:read_claim",
    "api:file_claim",
    "api:add_evidence",
    "api:withdraw_claim",
    "api_create_upload",
    "revoke_api_token",
    "account_another_code",
    "admin:claims_incident_stop",
    "admin:claims_incident_resume",
    *(f"admin:claims_claim_{name}" for name in {*DECIDING, *SUPERVISING}),
    "admin:claims_claim_save_filter",
    "admin:claims_claim_delete_filter",
    "admin:claims_service_map",
    "admin:accounts_customermerge_confirm",
    "admin:accounts_customermerge_cancel",
}

OF_BROWSERS = {name for name in POST_ONLY if not name.startswith("api")}

# Pages about one object that aren't Django's own.
OF_ONE = {
    "admin:claims_claim_review",
    "admin:claims_event_story",
    "admin:claims_incident_progress",
}

WITHOUT_OBJECT = {
    "account_another_code",
    "admin:claims_service_map",
    "admin:claims_claim_next",
    "admin:claims_claim_save_filter",
    "portal:read_all",
}

# Programs call these: they get 401 and no redirect to the sign-in page.
RESUMABLE = {"portal:create_upload", "portal:upload", "api_create_upload", "api_upload"}

TUS = {"Tus-Resumable": "1.0.0", "Upload-Length": "10"}


def names(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}"
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from names(pattern, inner)


def all_names() -> list[str]:
    return sorted(set(names(get_resolver())) - DJANGOS_OWN)


def expected(name: str) -> dict[str, str]:
    for pattern, outcomes in EXPECTED.items():
        if fnmatchcase(name, pattern):
            return outcomes
    pytest.fail(f"{name} is a new URL: say in EXPECTED who may open it.")
