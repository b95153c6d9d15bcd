"""The claims of the demo, each with its purchase, its story and its state.

Claims of "SMS not received" are on orders with an SMS on record but no completed activation:
without an SMS the price goes back by itself, and nobody has to claim anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import Final, NamedTuple

from claims.models import Claim, Order
from config.demo.orders import DAY, HOUR, MINUTE, Purchase

Kind = Claim.Kind
Activation = Order.Activation
PRICES: Final = {
    "telegram": "2.40", "whatsapp": "1.20", "instagram": "0.60", "google": "0.90",
    "viber": "0.70", "discord": "0.50",
}  # fmt: skip


class End(Enum):
    """The state that a claim ends in."""

    OPEN = auto()
    UNCHECKED = auto()
    """Open, with files that the worker hasn't inspected yet."""
    ASKED = auto()
    """The reviewer asked for more."""
    ANSWERED = auto()
    """The reviewer asked for more, and the customer wrote back."""
    UNUSABLE = auto()
    """The inspection refused a file, so the claim waits for its customer."""
    REPAIRING = auto()
    REPAIRED = auto()
    OFFERED = auto()
    """The customer can choose a replacement or the price."""
    REFUNDED = auto()
    REJECTED = auto()
    WITHDRAWN = auto()


@dataclass(frozen=True, kw_only=True)
class Case:
    """One claim. `files.Wanted` explains the names in `files`."""

    purchase: Purchase
    kind: str
    reason: str
    files: tuple[str, ...] = ()
    end: End = End.OPEN
    clause: str = ""
    note: str = ""
    """The reviewer's words; '' for a withdrawn claim."""
    answer: str = ""
    filed_after: timedelta = 40 * MINUTE
    decided_after: timedelta = 5 * HOUR


class Row(NamedTuple):
    """A case, written in one line."""

    customer: str
    bought: str
    """Service, country, supplier and optionally `api` or `2fa`."""
    ago: timedelta
    kind: str
    files: str
    reason: str
    end: End
    clause: str = ""
    note: str = ""
    answer: str = ""


def cases() -> list[Case]:
    return [
        Case(
            purchase=_purchase(serial, row), kind=row.kind, reason=row.reason,
            files=tuple(row.files.split()), end=row.end, clause=row.clause, note=row.note,
            answer=row.answer,
        )
        for serial, row in enumerate((*ROWS, *UNUSUAL_HOUR), start=2001)
    ]  # fmt: skip


def _purchase(serial: int, row: Row) -> Purchase:
    service, country, supplier, *more = row.bought.split()
    without_code = row.kind == Kind.SMS_NOT_RECEIVED
    return Purchase(
        shop_id=f"NUM-{serial}",
        customer=f"{row.customer}@example.com",
        service=service,
        country=country,
        supplier=supplier,
        ago=row.ago,
        price=PRICES[service],
        channel="api" if "api" in more else "web",
        two_factor="2fa" in more,
        activation=Activation.SMS_RECEIVED if without_code else Activation.COMPLETED,
    )


NO_SMS, INVALID, DEFECT = Kind.SMS_NOT_RECEIVED, Kind.INVALID_NUMBER, Kind.MAJOR_DEFECT
OPEN, UNCHECKED, ASKED, ANSWERED = End.OPEN, End.UNCHECKED, End.ASKED, End.ANSWERED
UNUSABLE, REFUNDED, REJECTED, WITHDRAWN = End.UNUSABLE, End.REFUNDED, End.REJECTED, End.WITHDRAWN
REPAIRING, REPAIRED, OFFERED = End.REPAIRING, End.REPAIRED, End.OFFERED

ROWS: Final = (
    # Open, longest waiting first.
    Row("john.miller", "google US atlas", 8 * DAY, DEFECT, "google-code",
     "Every code this number gets is answered with “wrong code”, also after a new request. "
     "I tried it on two devices and in a private window.", OPEN),
    Row("kasia.nowak", "telegram PL north", 7 * DAY, DEFECT, "telegram-frozen.mp4",
     "The account froze one minute after the sign-in, before I had done anything with it.",
     OPEN),
    Row("dmitri.volkov", "telegram KZ steppe 2fa", 50 * HOUR, INVALID,
     "telegram-password+typed.mp4",
     "The previous owner left a password on this number, so I can't get in. The video shows the "
     "whole way from the code to the password.", OPEN),
    Row("hugo.martin", "whatsapp FR north", 45 * HOUR, INVALID, "whatsapp-login+noted",
     "WhatsApp took the code and then said that this account can no longer use WhatsApp.",
     OPEN),
    Row("ann", "whatsapp DE north", 40 * HOUR, INVALID,
     "whatsapp-pin+typed whatsapp-review",
     "After the code it wants a PIN that I never set. I asked for a review and it was refused.",
     OPEN),
    Row("linh.tran", "telegram ID java", 35 * HOUR, INVALID, "telegram-banned.edited",
     "Telegram says that this phone number is banned, right after I entered the code.",
     OPEN),
    Row("grace.lim", "instagram ID java", 30 * HOUR, NO_SMS, "instagram-code",
     "Only half a code came, and no second message although I asked for one three times.",
     OPEN),
    Row("emeka.obi", "google GB atlas api", 26 * HOUR, INVALID, "google-limit+noted@2029",
     "Ordered through the API with service=google, country=GB. Google says that the number was "
     "used too many times before.", OPEN),
    Row("ines.silva", "viber BR samba", 22 * HOUR, NO_SMS, "shop-empty",
     "The order shows an SMS, but its text is empty. There is no code to read anywhere.",
     OPEN),
    Row("carla.rossi", "whatsapp NL north", 18 * HOUR, INVALID, "whatsapp-login+noted.mp4",
     "It logged me out a few seconds after the activation, the recording shows the message.",
     OPEN),
    Row("fatima.haddad", "discord FR atlas", 12 * HOUR, INVALID,
     "discord-invalid+typed@2030.smaller",
     "Discord takes the code and then calls the phone number invalid.", OPEN),
    Row("bob", "google GB north", 9 * HOUR, NO_SMS, "shop-cut",
     "The SMS in my order is cut off after two digits, so I can't use it.", OPEN),
    Row("kasia.nowak", "instagram PL samba", 6 * HOUR, INVALID, "instagram-used",
     "Instagram says another account is using this number already.", OPEN),
    Row("john.miller", "telegram US atlas 2fa", 4 * HOUR, INVALID,
     "telegram-password telegram-password.mp4",
     "It asks for a password of somebody else. I add a screenshot and the recording of it.",
     OPEN),
    # Answered, and back in the queue.
    Row("hugo.martin", "telegram FR north", 34 * HOUR, INVALID, "telegram-flood",
     "It says too many attempts, although I tried only once with this number.", ANSWERED, "",
     "Please tell us at what time you tried, and whether you tried on another device before.",
     "At about ten in the evening, and only on this one phone."),
    # Not inspected by the worker yet.
    Row("linh.tran", "viber ID java", 3 * HOUR, INVALID, "viber-blocked",
     "Viber calls the number blocked as soon as the code is entered.", UNCHECKED),
    Row("grace.lim", "whatsapp ID java", 2 * HOUR, INVALID, "whatsapp-pin.mp4",
     "It wants a PIN that I don't know and can't reset for six days.", UNCHECKED),
    Row("carla.rossi", "google ES samba", 80 * MINUTE, NO_SMS, "google-code",
     "The code in the order is refused by Google as wrong, I think it belongs to someone else.",
     UNCHECKED),
    # Waiting for their customers.
    Row("dmitri.volkov", "whatsapp KZ steppe", 44 * HOUR, INVALID, "whatsapp-login",
     "The account was closed by the app on the same evening.", ASKED, "",
     "The screenshot doesn't show which number it is about. Please send one with the number."),
    Row("emeka.obi", "telegram GB atlas", 38 * HOUR, INVALID, "telegram-frozen",
     "My new account is frozen and I can't write to anybody.", ASKED, "",
     "Please send a short recording of the sign-in, so that we see at which step it freezes."),
    Row("bob", "instagram GB north", 28 * HOUR, NO_SMS, "",
     "Instagram never accepted what came, I requested the code again twice.", ASKED, "",
     "Our record shows an SMS at the time of your order. Please show us what Instagram says."),
    Row("ines.silva", "telegram BR samba 2fa", 25 * HOUR, INVALID, "telegram-password.short",
     "There is a password on the account that nobody told me.", UNUSABLE),
    Row("fatima.haddad", "whatsapp FR north", 14 * HOUR, INVALID, "whatsapp-review.tiny",
     "WhatsApp says that this phone number isn't allowed to register.", UNUSABLE),
    # Refunded.
    Row("ann", "telegram DE north 2fa", 11 * DAY, INVALID, "telegram-password.mp4",
     "A password of the previous owner protects the account, see the recording.", REFUNDED, "",
     "The recording is clear, thank you. We have told the supplier."),
    Row("bob", "whatsapp GB north", 10 * DAY, INVALID, "whatsapp-login",
     "The account was blocked before I could write a single message.", REFUNDED),
    Row("carla.rossi", "google ES samba", 9 * DAY, NO_SMS, "shop-empty",
     "An SMS without any text arrived, and nothing after it.", REFUNDED, "",
     "The supplier confirms that the message came through empty."),
    Row("dmitri.volkov", "telegram KZ steppe", 8 * DAY, INVALID, "telegram-banned.mp4",
     "The number is banned, the recording shows it from the first screen on.", REFUNDED),
    Row("grace.lim", "viber ID java", 7 * DAY, INVALID, "viber-blocked",
     "It is blocked by Viber, and their support says that they won't unblock it.", REFUNDED, "",
     "You are right, this number had been sold before."),
    Row("john.miller", "google US atlas api", 6 * DAY, INVALID, "google-limit+noted",
     "The API gave me a number that Google has refused for a long time, it seems.", REFUNDED),
    Row("kasia.nowak", "discord PL samba", 5 * DAY, INVALID, "discord-invalid+typed",
     "Discord doesn't support this number at all, it says so after the code.", REFUNDED),
    Row("linh.tran", "instagram ID java", 4 * DAY, NO_SMS, "instagram-code",
     "Three digits of six arrived, which helps nobody.", REFUNDED, "",
     "The supplier's gateway cut messages off that day. We are sorry for the trouble."),
    Row("hugo.martin", "telegram FR north", 100 * HOUR, DEFECT, "telegram-frozen",
     "A minute after the sign-in the account was frozen, three times in a row.", REFUNDED, "",
     "The whole series of numbers was affected and can't be repaired."),
    # Rejected.
    Row("ann", "instagram FR samba", 10 * DAY, INVALID, "instagram-used",
     "It says that another account uses the number, please give my credit back.", REJECTED,
     "proof", "The screenshot shows another number than the one of this order."),
    Row("emeka.obi", "whatsapp GB atlas api", 8 * DAY, INVALID, "whatsapp-review",
     "Your API gives numbers that do not work with my bulk registration script.", REJECTED,
     "api-misuse", "The same number was requested forty times in a minute; the app then blocks."),
    Row("ines.silva", "telegram BR samba", 6 * DAY, INVALID, "telegram-flood",
     "Telegram says too many attempts when I use my modified client.", REJECTED,
     "third-party", "The unofficial client that you name caused the limit; the number works."),
    Row("bob", "viber GB north", 5 * DAY, NO_SMS, "",
     "I did not see any code in the app, so I do not want to pay for it.", REJECTED,
     "activation-complete", "The code arrived a minute after your order and was readable there."),
    Row("fatima.haddad", "google FR north", 4 * DAY, DEFECT, "google-limit",
     "Google wants more verification for the second account with this number.", REJECTED,
     "critical-defect", "The number did its work once, for the account that you bought it for."),
    # Withdrawn.
    Row("ann", "discord DE north", 6 * DAY, INVALID, "discord-invalid",
     "Discord did not take the number at first.", WITHDRAWN),
    Row("kasia.nowak", "whatsapp PL north", 3 * DAY, NO_SMS, "",
     "I could not find the code anywhere in my order.", WITHDRAWN),
    Row("linh.tran", "google ID java", 60 * HOUR, INVALID, "google-code",
     "The code was wrong, or so I thought this morning.", WITHDRAWN),
    # Closed so long ago that its files are gone.
    Row("hugo.martin", "whatsapp FR north", 200 * DAY, INVALID, "whatsapp-pin+noted",
     "The app asks for a PIN that somebody else has set.", REFUNDED, "",
     "The number had been used before. Thank you for the clear picture."),
    # Defects under repair, and the results of repairs.
    Row("john.miller", "viber US atlas", 31 * HOUR, DEFECT, "viber-blocked",
     "All that comes in is one message without end that says that the line is being set up.",
     REPAIRING, "", "The supplier sets the line up anew. We expect it back by tomorrow."),
    Row("ann", "google DE atlas", 3 * DAY, DEFECT, "google-code",
     "No code of this number is ever right, not even the one that I asked for by voice.",
     REPAIRED, "", "The supplier had swapped two lines. A new code comes through now: try again."),
    Row("ann", "viber DE north", 27 * HOUR, DEFECT, "viber-blocked",
     "Nothing can be sent to this number any more, Viber says that the line is dead.",
     OFFERED, "", "The line is beyond repair. We can give you another number, or the price."),
)  # fmt: skip

# One supplier's bad hour, for an incident. All were bought at one moment, so in one hour.
WITHOUT_USE: Final = (
    "The SMS that came is empty, and no other one followed it.",
    "Half of the code is missing, and the rest never came.",
    "It arrived without any digits in it, so I could not sign in.",
    "I got a message without text and asked for another one in vain.",
)
UNUSUAL_HOUR: Final = tuple(
    Row(customer, "google BR samba", 3 * HOUR, NO_SMS, "",
        WITHOUT_USE[turn % len(WITHOUT_USE)], OPEN)
    for turn, customer in enumerate((
        "carla.rossi", "emeka.obi", "fatima.haddad", "grace.lim", "hugo.martin", "ines.silva",
        "kasia.nowak", "linh.tran",
    ))
)  # fmt: skip
