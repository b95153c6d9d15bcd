"""The desk: where staff see the queue, review a claim and decide it."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from claims.admin.desk import index
from claims.admin.registrations.acknowledgement import AcknowledgementAdmin
from claims.admin.registrations.approval import ApprovalAdmin, ApprovalLimitAdmin
from claims.admin.registrations.balance_snapshot import BalanceSnapshotAdmin
from claims.admin.registrations.canned_reply import CannedReplyAdmin
from claims.admin.registrations.claim import ClaimAdmin
from claims.admin.registrations.customer_merge import CustomerMergeAdmin
from claims.admin.registrations.decision import DecisionAdmin
from claims.admin.registrations.event import EventAdmin
from claims.admin.registrations.incident import IncidentAdmin
from claims.admin.registrations.job import JobAdmin
from claims.admin.registrations.lease import LeaseAdmin
from claims.admin.registrations.note import NoteAdmin
from claims.admin.registrations.notice import NoticeAdmin
from claims.admin.registrations.number import NumberAdmin
from claims.admin.registrations.offer import OfferAdmin
from claims.admin.registrations.order import OrderAdmin
from claims.admin.registrations.policy_version import PolicyVersionAdmin
from claims.admin.registrations.replacement import ReplacementAdmin
from claims.admin.registrations.service import ServiceAdmin
from claims.admin.registrations.shop_event import ShopEventAdmin
from claims.admin.registrations.webhook import WebhookAdmin

__all__ = [
    "AcknowledgementAdmin",
    "ApprovalAdmin",
    "ApprovalLimitAdmin",
    "BalanceSnapshotAdmin",
    "CannedReplyAdmin",
    "ClaimAdmin",
    "CustomerMergeAdmin",
    "DecisionAdmin",
    "EventAdmin",
    "IncidentAdmin",
    "JobAdmin",
    "LeaseAdmin",
    "NoteAdmin",
    "NoticeAdmin",
    "NumberAdmin",
    "OfferAdmin",
    "OrderAdmin",
    "PolicyVersionAdmin",
    "ReplacementAdmin",
    "ServiceAdmin",
    "ShopEventAdmin",
    "WebhookAdmin",
]

admin.site.site_header = _("ESIMPY claims desk")
admin.site.site_title = _("ESIMPY claims desk")
admin.site.index_title = _("The desk")
# The front page is the desk; a site of our own would have to register every stock model again.
admin.site.index = index  # type: ignore[method-assign]  # the one method that differs
# The queue needs the whole width.
admin.site.enable_nav_sidebar = False
