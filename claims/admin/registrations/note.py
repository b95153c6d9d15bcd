from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator

from accounts.admin import ReadOnlyAdmin
from claims.models import Note


@admin.register(Note)
class NoteAdmin(ReadOnlyAdmin):
    """What staff tell each other, for who may see notes; never of a claim of one's own."""

    list_display = ("written_at", "claim", "author", "beginning")
    list_select_related = ("claim", "author")
    search_fields = ("claim__code__exact", "author__email__exact")
    search_help_text = "Search by claim code, or by the email of who wrote it"
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Note]:
        return super().get_queryset(request).exclude(claim__order__customer=request.user.pk)

    @admin.display(description="note")
    def beginning(self, note: Note) -> str:
        return Truncator(note.body).chars(80)
