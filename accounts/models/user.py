from __future__ import annotations

import zoneinfo
from collections.abc import Iterable
from functools import cache
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.indexes import OpClass
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.addresses import AddressField, stored_form


@cache
def time_zones() -> frozenset[str]:
    """Return the names in the IANA time zone database. The first call reads some 600 files."""
    return frozenset(zoneinfo.available_timezones())


def validate_time_zone(name: str) -> None:
    """Raise `ValidationError` unless this is a name from the IANA time zone database."""
    if name not in time_zones():
        raise ValidationError(
            _("“%(name)s” is not a time zone. Choose one such as Europe/Berlin."),
            code="time-zone",
            params={"name": name},
        )


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        email = stored_form(username) if username else ""
        return self.exclude(email="").get(email__iexact=email)

    def with_addresses(self, emails: Iterable[str]) -> models.QuerySet[User]:
        """Return the people with these addresses, which are in their stored form, in any case."""
        wanted = [email.lower() for email in emails if email]
        return self.alias(lowered=Lower("email")).filter(lowered__in=wanted)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a person. Without a password they sign in with an emailed code, or reset it."""
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.full_clean()
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A customer or a member of staff, whose username is the email address."""

    # Empty: a customer whom the shop knows by its id alone, or whose address another one has now.
    email = AddressField(blank=True)
    display_name = models.CharField(max_length=80, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    language = models.CharField(max_length=12, default="en", choices=settings.LANGUAGES)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(_("may sign in to the admin"), default=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                condition=~Q(email=""),
                name="one_user_per_email",
                violation_error_message=_("There is an account with this email address already."),
            ),
            models.CheckConstraint(
                condition=Q(is_staff=False) | ~Q(email=""), name="staff_have_an_address"
            ),
            # One domain has one spelling, so one address can't be two people.
            models.CheckConstraint(
                condition=Q(email="") | Q(email__regex=r"@[!-~]+$"), name="domain_is_in_ascii"
            ),
        ]
        indexes = [
            # Serves the queue's search by the beginning of a customer's address.
            models.Index(
                OpClass("email", name="varchar_pattern_ops"), name="users_by_email_beginning"
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or self.email or gettext("a customer without an address")
