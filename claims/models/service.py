from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models.append_only import append_only, never_deleted
from claims.formats.identifiers import SERVICE
from claims.wording.service_names import unmapped_name

# The rows that this process has read. Rows are never deleted, and only migrations change the flag.
_known: dict[str, Service] = {}


class ServiceManager(models.Manager["Service"]):
    def known(self, slug: str) -> Service:
        """Return the service, without a query if this process has read the catalogue since it was
        added. Raises `Service.DoesNotExist`.
        """
        if slug not in _known:
            _known.update(self.in_bulk())
        try:
            return _known[slug]
        except KeyError:
            raise Service.DoesNotExist(slug) from None


class Service(models.Model):
    """A service that numbers are sold for, such as WhatsApp: one row of the catalogue."""

    slug = models.CharField(max_length=40, primary_key=True, validators=[RegexValidator(SERVICE)])
    name = models.CharField(max_length=80)
    names = models.JSONField(
        default=dict, blank=True, help_text=_("Other names, by the code of their language.")
    )
    follows_telegram_rules = models.BooleanField(
        _("the policy's rules for Telegram apply"), default=False, editable=False
    )

    objects = ServiceManager()

    class Meta:
        ordering = ["name", "slug"]
        constraints = [
            models.CheckConstraint(condition=Q(slug__regex=SERVICE), name="service_is_a_slug"),
            models.CheckConstraint(
                condition=Q(slug="telegram", follows_telegram_rules=True)
                | (~Q(slug="telegram") & Q(follows_telegram_rules=False)),
                name="only_telegram_follows_its_rules",
            ),
        ]
        permissions = [("map_service", "Can map names of services")]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *never_deleted(),
            pgtrigger.ReadOnly(
                name="keeps_slug_and_rules", fields=["slug", "follows_telegram_rules"]
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def name_in(self, language: str) -> str:
        """Return the name in this language, or else the name that is everybody's."""
        return self.names.get(language) or self.name


class ServiceAlias(models.Model):
    """A name under which the shop or a supplier sells a service. It is added once and stays."""

    folded = models.CharField(primary_key=True, help_text=_("The name as names are compared."))
    as_sent = models.CharField(max_length=80)
    service = models.ForeignKey(Service, on_delete=models.PROTECT, related_name="aliases")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Nobody: it came with the catalogue."),
    )
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["folded"]
        constraints = [
            models.CheckConstraint(condition=~Q(folded=""), name="alias_is_not_empty"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = append_only()

    def __str__(self) -> str:
        return self.as_sent


def service_name(slug: str) -> str:
    """Return the name of a service in the active language; of an unknown one, the slug."""
    try:
        service = Service.objects.known(slug)
    except Service.DoesNotExist:
        return slug
    return service.name_in(get_language() or settings.LANGUAGE_CODE)


def name_of_service(slug: str | None, sent: str = "") -> str:
    """Return the name of a service, or, while it is unmapped, the name that was sent, marked."""
    if slug:
        return service_name(slug)
    return unmapped_name(sent) if sent else ""


def follows_telegram_rules(slug: str) -> bool:
    """Return whether the policy's rules for Telegram apply to this service; '' is none.

    Raises `Service.DoesNotExist`: a service that nobody knows must not pass for a harmless one.
    """
    return bool(slug) and Service.objects.known(slug).follows_telegram_rules
