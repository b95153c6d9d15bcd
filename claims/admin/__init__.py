"""The desk: where staff see the queue, review a claim and decide it."""

from django.contrib import admin

from claims.admin.acknowledgement import AcknowledgementAdmin
from claims.admin.approval import ApprovalAdmin, ApprovalLimitAdmin
from claims.admin.canned_reply import CannedReplyAdmin
from claims.admin.claim import ClaimAdmin
from claims.admin.decision import DecisionAdmin
from claims.admin.desk import index
from claims.admin.event import EventAdmin
from claims.admin.incident import IncidentAdmin
from claims.admin.job import JobAdmin
from claims.admin.lease import LeaseAdmin
from claims.admin.note import NoteAdmin
from claims.admin.notice import NoticeAdmin
from claims.admin.number import NumberAdmin
from claims.admin.offer import OfferAdmin
from claims.admin.order import OrderAdmin
from claims.admin.policy_version import PolicyVersionAdmin
from claims.admin.replacement import ReplacementAdmin
from claims.admin.shop_event import ShopEventAdmin
from claims.admin.webhook import WebhookAdmin

__all__ = [
    "AcknowledgementAdmin",
    "ApprovalAdmin",
    "ApprovalLimitAdmin",
    "CannedReplyAdmin",
    "ClaimAdmin",
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
    "ShopEventAdmin",
    "WebhookAdmin",
]

admin.site.site_header = "ESIMPY claims desk"
admin.site.site_title = "ESIMPY claims desk"
admin.site.index_title = "The desk"
# The front page is the desk; a site of our own would have to register every stock model again.
admin.site.index = index  # type: ignore[method-assign]  # the one method that differs
# The queue needs the whole width.
admin.site.enable_nav_sidebar = False
