from claims.models.acknowledgement import Acknowledgement
from claims.models.approval import Approval, ApprovalLimit
from claims.models.canned_reply import CannedReply
from claims.models.claim import Change, Claim
from claims.models.customer_flag import CustomerFlag, WrongPayment
from claims.models.decision import Decision
from claims.models.event import Event
from claims.models.evidence import Evidence
from claims.models.fingerprint import Fingerprint
from claims.models.heartbeat import Heartbeat
from claims.models.incident import Incident, IncidentClaim
from claims.models.job_count import JobCount
from claims.models.lease import Lease
from claims.models.message import Message
from claims.models.note import Note
from claims.models.notice import Notice
from claims.models.notice_mail import NoticeMail
from claims.models.number import Number
from claims.models.offer import Offer
from claims.models.order import Order
from claims.models.policy_version import PolicyVersion
from claims.models.receipt import Receipt
from claims.models.replacement import Replacement
from claims.models.saved_filter import SavedFilter
from claims.models.service import Service, ServiceAlias
from claims.models.shop_event import Contradiction, Dispute, ShopEvent
from claims.models.supplier_entry import SupplierEntry
from claims.models.upload import Piece, Rendition, Upload
from claims.models.webhook import Webhook

__all__ = [
    "Acknowledgement",
    "Approval",
    "ApprovalLimit",
    "CannedReply",
    "Change",
    "Claim",
    "Contradiction",
    "CustomerFlag",
    "Decision",
    "Dispute",
    "Event",
    "Evidence",
    "Fingerprint",
    "Heartbeat",
    "Incident",
    "IncidentClaim",
    "JobCount",
    "Lease",
    "Message",
    "Note",
    "Notice",
    "NoticeMail",
    "Number",
    "Offer",
    "Order",
    "Piece",
    "PolicyVersion",
    "Receipt",
    "Rendition",
    "Replacement",
    "SavedFilter",
    "Service",
    "ServiceAlias",
    "ShopEvent",
    "SupplierEntry",
    "Upload",
    "Webhook",
    "WrongPayment",
]
