"""The words and signs of a finding's outcome."""

from __future__ import annotations

from typing import NamedTuple, assert_never

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from claims.policy import Outcome

LazyText = str | Promise


class OutcomeWords(NamedTuple):
    """The words and the sign of one outcome. The signs differ in shape, too."""

    tone: str
    """A part of a CSS class."""
    sign: str
    for_staff: LazyText
    for_customer: LazyText
    answer: LazyText = ""
    """A reviewer's answer to a clause's question; '' if the outcome is no answer."""
    answer_for_customer: LazyText = ""


def words_of(outcome: Outcome) -> OutcomeWords:
    match outcome:
        case Outcome.MET:
            return OutcomeWords(
                "met", "●", _("met"), _("Met"), _("yes"), _("Our support team answered: yes.")
            )
        case Outcome.FAILED:
            return OutcomeWords(
                "failed", "✕", _("failed"), _("Not met"), _("no"),
                _("Our support team answered: no."),
            )  # fmt: skip
        case Outcome.FOR_REVIEWER:
            return OutcomeWords("review", "?", _("for the reviewer"), _("For our support team"))
        case unworded:
            assert_never(unworded)


def answer_words(answer: str) -> OutcomeWords | None:
    """Return the words of a stored answer; None if it is no answer."""
    words = words_of(Outcome(answer)) if answer in set(Outcome) else None
    return words if words and words.answer else None


def yes_or_no(answer: str) -> str:
    """Return the answer as one word; '' if it is no answer."""
    words = answer_words(answer)
    return str(words.answer) if words else ""


def answer_choices() -> list[tuple[str, str]]:
    """Return the answers that a reviewer may give, as the choices of a form field."""
    found = ((outcome.value, yes_or_no(outcome)) for outcome in Outcome)
    return [(value, word.capitalize()) for value, word in found if word]
