"""The facts of an order and a claim that the policy uses."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from claims.policy.instants import as_utc
from claims.policy.words import Activation, Channel, Kind, Product, Proof

Word = TypeVar("Word", bound=StrEnum)

_INSTANTS = ("purchased_at", "claims_close_at", "filed_at")
_INSTANTS_OR_NONE = ("allotted_until", "sms_received_at")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The facts of one claim, or of one that could be filed.

    Words may be plain strings, and become members of their enum. Instants must be aware, and become
    UTC. Only facts that a customer may not have given yet have a default, so that a forgotten field
    can't make a claim look better than it is.

    Raises ValueError, naming the field, for an unknown word or a naive datetime.
    """

    product: str
    """A word of `Product`."""
    service: str
    """The slug of the service that the number is for; '' for a top-up or an unknown service."""
    telegram_rules: bool
    """True if the policy's rules for Telegram apply to the service, by the catalogue."""
    channel: str
    """A word of `Channel`."""
    two_factor: bool
    """True if the shop, the customer or staff say that the service asks for a password."""
    purchased_at: datetime
    claims_close_at: datetime
    """The order's own claim deadline: `deadline(purchased_at, terms)`, stored when it arrived."""
    allotted_until: datetime | None
    """None for a top-up."""
    sms_received_at: datetime | None
    """The shop's record of an SMS on the number; None when there was none."""
    activation: str | None
    """A word of `Activation`; None for a top-up."""
    returned: bool
    """True if the price has already gone back to the credit balance."""
    replaced: bool
    """True if another order, at no cost, has replaced this one."""
    filed_at: datetime
    """When the complete form reached the server, or the present for a claim not yet filed."""
    has_live_claim: bool
    """True if another claim on the same order is open."""
    kind: str | None = None
    """A word of `Kind`; None or empty while the customer has not chosen one."""
    reason: str = ""
    proofs: Iterable[str] = frozenset()
    """The kinds of accepted proof, words of `Proof`; kept as a frozenset."""
    terms_accepted: bool = False

    def __post_init__(self) -> None:
        self._keep("product", _word("product", self.product, Product))
        self._keep("channel", _word("channel", self.channel, Channel))
        self._keep("activation", _word_or_none("activation", self.activation, Activation))
        self._keep("kind", _word_or_none("kind", self.kind, Kind))
        self._keep("proofs", frozenset(_word("proofs", proof, Proof) for proof in self.proofs))
        for name in _INSTANTS:
            self._keep(name, as_utc(name, getattr(self, name)))
        for name in _INSTANTS_OR_NONE:
            if getattr(self, name) is not None:
                self._keep(name, as_utc(name, getattr(self, name)))

    def _keep(self, name: str, value: object) -> None:
        # The dataclass is frozen; this is the way to set a field in __post_init__.
        object.__setattr__(self, name, value)

    @property
    def is_number(self) -> bool:
        return self.product == Product.NUMBER

    @property
    def is_telegram_2fa(self) -> bool:
        """Return whether the rules for Telegram numbers with two-factor authentication apply."""
        return self.is_number and bool(self.two_factor) and self.telegram_rules

    def as_dict(self) -> dict[str, Any]:
        """Return JSON-safe values: instants in ISO 8601, words as plain strings, proofs sorted."""
        return {field.name: _as_json(getattr(self, field.name)) for field in fields(self)}


def _word(name: str, value: str, words: type[Word]) -> Word:
    try:
        return words(value)
    except ValueError:
        allowed = ", ".join(words)
        raise ValueError(f"{name}: {value!r} is not one of {allowed}") from None


def _word_or_none(name: str, value: str | None, words: type[Word]) -> Word | None:
    return _word(name, value, words) if value else None


def _as_json(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(str(proof) for proof in value)
    return value
