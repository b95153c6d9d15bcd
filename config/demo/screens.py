"""The screens of a few made-up apps, which the demo's pictures and videos show."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Screen:
    """One app's screen: a title, bubbles of a conversation, and the app's alert about a problem."""

    title: str
    colour: str
    clock: str
    bubbles: tuple[str, ...]
    alert: str


SCREENS: Final = {
    "telegram-banned": Screen(
        "Telegram", "#3a7fb5", "09:41",
        ("Your phone", "{phone}", "We have sent you a code."),
        "This phone number is banned.",
    ),
    "telegram-password": Screen(
        "Telegram", "#3a7fb5", "21:07",
        ("{phone}", "Code accepted.", "Your account is protected with an additional password."),
        "Enter the password set by the previous owner.",
    ),
    "telegram-frozen": Screen(
        "Telegram", "#2f6a99", "13:26",
        ("{phone}", "Signing in …", "Your account was limited a minute after the sign-in."),
        "Your account is frozen.",
    ),
    "telegram-flood": Screen(
        "Telegram", "#24527a", "23:18",
        ("{phone}", "Too many attempts.", "Please try again in 24 hours."),
        "Too many attempts. Try again later.",
    ),
    "whatsapp-login": Screen(
        "WhatsApp", "#128c5e", "18:02",
        ("Verifying {phone}", "Code 482-119 entered"),
        "This account can no longer use WhatsApp.",
    ),
    "whatsapp-pin": Screen(
        "WhatsApp", "#0f7a52", "07:55",
        ("{phone}", "Two-step verification", "Enter your PIN"),
        "Wrong PIN. 6 days until you can reset it.",
    ),
    "whatsapp-review": Screen(
        "WhatsApp", "#1a9e6c", "11:11",
        ("{phone}", "Your request for a review was received."),
        "This phone number isn't allowed.",
    ),
    "instagram-used": Screen(
        "Instagram", "#b0306a", "15:32",
        ("Add a phone number", "{phone}"),
        "Another account is using this number.",
    ),
    "instagram-code": Screen(
        "Instagram", "#8a3ab0", "16:45",
        ("Code for {phone}", "5 0 3 - - -"),
        "The code is incomplete. Ask for a new one.",
    ),
    "google-limit": Screen(
        "Google", "#3c6fd1", "08:20",
        ("Verify your phone number", "{phone}"),
        "This number has been used too many times.",
    ),
    "google-code": Screen(
        "Google", "#2f58a8", "12:48",
        ("Enter the code sent to {phone}", "G - _ _ _ _ _ _"),
        "Wrong code. Try again.",
    ),
    "viber-blocked": Screen(
        "Viber", "#6f5bd0", "19:39",
        ("Activate {phone}", "Calling you with a code …"),
        "This number is blocked.",
    ),
    "discord-invalid": Screen(
        "Discord", "#5562d6", "22:14",
        ("Add {phone}", "Verify with the code 771 204"),
        "Invalid phone number: VoIP isn't supported.",
    ),
    "shop-empty": Screen(
        "My number", "#444b59", "10:03",
        ("{phone}", "SMS received", "Text: (empty)"),
        "No code in this message.",
    ),
    "shop-cut": Screen(
        "My number", "#59504b", "14:29",
        ("{phone}", "SMS received", "Text: Your code is 48"),
        "The message is cut off.",
    ),
}  # fmt: skip
