from claims.models.claim import Claim
from claims.models.decision import Decision
from claims.models.event import Event
from claims.models.evidence import Evidence
from claims.models.fingerprint import Fingerprint
from claims.models.message import Message
from claims.models.number import Number
from claims.models.order import Order
from claims.models.policy_version import PolicyVersion
from claims.models.receipt import Receipt
from claims.models.upload import Piece, Rendition, Upload

__all__ = [
    "Claim",
    "Decision",
    "Event",
    "Evidence",
    "Fingerprint",
    "Message",
    "Number",
    "Order",
    "Piece",
    "PolicyVersion",
    "Receipt",
    "Rendition",
    "Upload",
]
