from django.contrib import admin
from procrastinate.contrib.django.admin import ProcrastinateEventInline
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.admin import ReadOnlyAdmin

# The stock page writes style attributes, which our Content-Security-Policy refuses.
admin.site.unregister(ProcrastinateJob)


@admin.register(ProcrastinateJob)
class JobAdmin(ReadOnlyAdmin):
    """Jobs that workers have done or will do. Superusers see them."""

    list_display = ("id", "task_name", "status", "attempts", "scheduled_at")
    list_filter = ("status", "task_name")
    ordering = ("-id",)
    fields = (
        "id",
        "task_name",
        "args",
        "status",
        "attempts",
        "queue_name",
        "lock",
        "queueing_lock",
        "scheduled_at",
    )
    inlines = (ProcrastinateEventInline,)
