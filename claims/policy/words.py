"""The closed sets of words that the policy uses."""

from enum import StrEnum


class Product(StrEnum):
    NUMBER = "number"
    TOP_UP = "top_up"


class Channel(StrEnum):
    WEB = "web"
    API = "api"


class Activation(StrEnum):
    """The lifecycle of an order's SMS, by the shop's record."""

    WAITING = "waiting"
    SMS_RECEIVED = "sms_received"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    BANNED = "banned"


class Kind(StrEnum):
    SMS_NOT_RECEIVED = "sms_not_received"
    INVALID_NUMBER = "invalid_number"
    MAJOR_DEFECT = "major_defect"


class Proof(StrEnum):
    SCREENSHOT = "screenshot"
    VIDEO = "video"


class Outcome(StrEnum):
    MET = "met"
    FAILED = "failed"
    FOR_REVIEWER = "for_reviewer"


class Clause(StrEnum):
    """Every clause by its slug, in the order in which a verdict lists them."""

    TOP_UP = "top-up"
    ALREADY_RETURNED = "already-returned"
    CLAIM_WINDOW = "claim-window"
    CLEAR_REASON = "clear-reason"
    TERMS = "terms"
    TELEGRAM_2FA_API = "telegram-2fa-api"
    ALLOTTED_TIME = "allotted-time"
    ACTIVATION_COMPLETE = "activation-complete"
    SERVER_SIDE = "server-side"
    SMS_RECEIVED = "sms-received"
    PROOF = "proof"
    TELEGRAM_2FA_VIDEO = "telegram-2fa-video"
    CRITICAL_DEFECT = "critical-defect"
    REPAIR = "repair"
    API_MISUSE = "api-misuse"
    THIRD_PARTY = "third-party"
    ONE_LIVE_CLAIM = "one-live-claim"
