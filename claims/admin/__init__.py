"""The desk: where staff see the queue, review a claim and decide it."""

from django.contrib import admin

from claims.admin.claim import ClaimAdmin
from claims.admin.decision import DecisionAdmin
from claims.admin.event import EventAdmin
from claims.admin.incident import IncidentAdmin
from claims.admin.job import JobAdmin
from claims.admin.number import NumberAdmin
from claims.admin.order import OrderAdmin
from claims.admin.policy_version import PolicyVersionAdmin

__all__ = [
    "ClaimAdmin",
    "DecisionAdmin",
    "EventAdmin",
    "IncidentAdmin",
    "JobAdmin",
    "NumberAdmin",
    "OrderAdmin",
    "PolicyVersionAdmin",
]

admin.site.site_header = "ESIMPY claims desk"
admin.site.site_title = "ESIMPY claims desk"
admin.site.index_title = "The desk"
# The queue needs the whole width.
admin.site.enable_nav_sidebar = False
