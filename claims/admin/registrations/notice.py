from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin import ReadOnlyAdmin
from claims.actions.notices import delivery
from claims.admin import badges
from claims.admin.permissions import user_with
from claims.models import Notice, NoticeMail
from claims.wording.validation_errors import text_of

if TYPE_CHECKING:
    Inline = admin.StackedInline[NoticeMail, Notice]
else:
    Inline = admin.StackedInline

TONES = {
    Notice.State.SENT: "good",
    Notice.State.FAILED: "bad",
    Notice.State.BOUNCED: "bad",
    Notice.State.UNSURE: "warn",
}


class NoticeMailInline(Inline):
    """Each mail as it was sent, for everyone who may see the notice."""

    model = NoticeMail
    fields = ("at", "address", "language", "subject", "text")
    verbose_name_plural = _("mails as they were handed to the mail server")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.has_perm("claims.view_notice")


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """The mails to customers, and the result of each."""

    list_display = ("claim", "about", "badge", "address", "attempts", "problem", "made_at")
    list_filter = ("state",)
    list_select_related = ("event__claim",)
    search_fields = ("event__claim__code__exact", "address__exact")
    search_help_text = _("Search by claim code, or by the address it went to")
    ordering = ("-id",)
    actions = ("send_again",)
    inlines = (NoticeMailInline,)

    @admin.display(ordering="event__claim__code")
    def claim(self, notice: Notice) -> str:
        return str(notice.event.claim)

    @admin.display(ordering="event__kind")
    def about(self, notice: Notice) -> str:
        return notice.event.get_kind_display()

    @admin.display(description=_("state"), ordering="state")
    def badge(self, notice: Notice) -> SafeString | str:
        return badges.badge(notice.get_state_display(), TONES.get(Notice.State(notice.state), ""))

    @admin.action(description=_("Send the mails again"), permissions=["resend"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[Notice, Any]) -> None:
        by = user_with(request, "claims.resend_notice")
        sent = 0
        for pk in chosen.values_list("pk", flat=True):
            try:
                delivery.resend(notice_id=pk, by=by)
                sent += 1
            except ValidationError as error:
                messages.warning(request, text_of(error))
        if sent:
            messages.success(
                request,
                ngettext("%(n)s mail will be sent again.", "%(n)s mails will be sent again.", sent)
                % {"n": sent},
            )

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("claims.resend_notice")
