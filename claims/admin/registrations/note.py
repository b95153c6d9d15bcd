from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from accounts.admin import ReadOnlyAdmin
from claims.models import Note


@admin.register(Note)
class NoteAdmin(ReadOnlyAdmin):
    """Notes among staff. No one sees the notes about a claim of their own."""

    list_display = ("written_at", "claim", "author", "beginning")
    list_select_related = ("claim", "author")
    search_fields = ("claim__code__exact", "author__email__exact")
    search_help_text = _("Search by claim code, or by the email of the author")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Note]:
        return super().get_queryset(request).exclude(claim__order__customer=request.user.pk)

    @admin.display(description=_("note"))
    def beginning(self, note: Note) -> str:
        return Truncator(note.body).chars(80)
