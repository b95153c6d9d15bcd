"""Security events: who came in or was refused, what was taken out, which settings changed."""

from __future__ import annotations

import json
import logging
import re
from typing import Any, Final

from allauth.account import signals as account
from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.auth import signals as auth
from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.log_context import note
from accounts.models import ApiToken

ACTIONS: Final = {ADDITION: "added", CHANGE: "changed", DELETION: "deleted"}
BAD: Final = frozenset({"sign_in_failed", "refused", "limited"})
OF_ACCOUNTS: Final = {
    "password_set": account.password_set,
    "password_changed": account.password_changed,
    "password_reset": account.password_reset,
    "email_changed": account.email_changed,
    "signed_up": account.user_signed_up,
}

log = logging.getLogger("security")


def record(event: str, **fields: Any) -> None:
    """Log a security event. The fields are ids, names of ours and numbers."""
    level = logging.WARNING if event in BAD else logging.INFO
    log.log(level, "Security event", extra={"event": event, **fields})


@receiver(auth.user_logged_in)
def _signed_in(user: Any, **kwargs: Any) -> None:
    note(user_id=user.pk)
    record("signed_in")


@receiver(auth.user_logged_out)
def _signed_out(**kwargs: Any) -> None:
    record("signed_out")


@receiver(auth.user_login_failed)
@receiver(account.login_code_rejected)
@receiver(account.password_reset_code_rejected)
def _failed_to_sign_in(**kwargs: Any) -> None:
    record("sign_in_failed")


def _follow_account(event: str, signal: Any) -> None:
    def told(user: Any = None, **kwargs: Any) -> None:
        record(event, object=getattr(user, "pk", None))

    signal.connect(told, weak=False, dispatch_uid=f"security:{event}")


for _event, _signal in OF_ACCOUNTS.items():
    _follow_account(_event, _signal)


@receiver(post_save, sender=LogEntry)
def _changed_in_the_admin(instance: LogEntry, created: bool, **kwargs: Any) -> None:
    """Record what the admin wrote into its own log: never the object's name, nor any value."""
    if created:
        kind = instance.content_type
        record(
            "changed",
            model=f"{kind.app_label}.{kind.model}" if kind else None,
            object=_plain_key(instance.object_id),
            action=ACTIONS.get(instance.action_flag),
            fields=_fields_of(instance.change_message),
        )


def _plain_key(key: object) -> str | None:
    """Return the key if it is a number or a short name of ours, such as a currency."""
    text = "" if key is None else str(key)
    return text if re.fullmatch(r"[\w.-]{1,40}", text, re.ASCII) else None


def _fields_of(change_message: str) -> list[str]:
    """Return the names of the fields that a change of Django's admin lists."""
    try:
        told = json.loads(change_message)
        return [name for one in told for name in one.get("changed", {}).get("fields", [])]
    except (ValueError, AttributeError, TypeError):  # our own admin pages write plain sentences
        return []


@receiver(post_save, sender=ApiToken)
def _token_changed(
    instance: ApiToken, created: bool, update_fields: frozenset[str] | None, **kwargs: Any
) -> None:
    if created:
        record("token_made", object=instance.pk)
    elif update_fields and "revoked_at" in update_fields:
        record("token_revoked", object=instance.pk)
