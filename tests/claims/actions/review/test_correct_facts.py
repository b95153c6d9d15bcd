import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from claims.actions.review import corrections
from claims.models import Claim, Event
from tests.makers import make_claim, make_lease, make_order, newest_event

WHY = "The screenshot shows the password page."


def correct(claim, by, *, two_factor=None, channel="", service="", note=WHY):
    make_lease(claim, by)
    return corrections.correct_facts(
        claim_id=claim.pk,
        by=by,
        seen=newest_event(claim),
        correction=corrections.Correction(
            two_factor=claim.staff_two_factor if two_factor is None else two_factor,
            channel=channel or claim.channel,
            service=service or claim.service,
        ),
        note=note,
        now=timezone.now(),
    )


def failed(claim):
    return [finding.clause.value for finding in claim.assess().failed]


@pytest.fixture
def claim(ann):
    """Return an invalid Telegram number for which nobody has said that it asks for a password."""
    order = make_order(ann, service="telegram", sms=True)
    return make_claim(order, kind="invalid_number", proofs=("screenshot",))


def test_2fa_asks_for_a_video_at_once(sue, claim):
    assert failed(claim) == []

    correct(claim, sue, two_factor=True)

    claim.refresh_from_db()
    assert failed(claim) == ["telegram-2fa-video"]
    assert claim.is_failing


def test_the_event_says_what_was_before_and_what_is_after_and_why(sue, claim):
    correct(claim, sue, two_factor=True, channel="api")

    event = Event.objects.get(kind="corrected")
    assert event.before == {
        "two_factor": False, "channel": "web", "service": "telegram", "failed": [],
    }  # fmt: skip
    assert event.after == {
        "two_factor": True,
        "channel": "api",
        "service": "telegram",
        "failed": ["telegram-2fa-api", "telegram-2fa-video"],
    }
    assert (event.actor, event.data["note"]) == (sue, WHY)


def test_a_correction_is_taken_back_by_another(sue, claim):
    correct(claim, sue, service="whatsapp", two_factor=True)
    assert failed(claim) == []
    claim.refresh_from_db()

    correct(claim, sue, service="telegram", two_factor=False)

    claim.refresh_from_db()
    assert (claim.service, claim.staff_two_factor, claim.is_failing) == ("telegram", False, False)


def test_what_the_shop_sold_stays_as_it_was(sue, claim):
    correct(claim, sue, service="whatsapp", channel="api")

    claim.order.refresh_from_db()
    assert (claim.order.channel, claim.order.number.service_id) == ("web", "telegram")


def test_2fa_that_the_customer_told_is_not_taken_away(ann, sue):
    order = make_order(ann, service="telegram", sms=True)
    claim = make_claim(
        order, kind="invalid_number", proofs=("screenshot", "video"), customer_two_factor=True
    )

    correct(claim, sue, channel="api", two_factor=False)

    assert failed(Claim.objects.get()) == ["telegram-2fa-api"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"two_factor": True, "note": " "}, "note"),
        ({}, "correction"),
        ({"channel": "fax"}, "invalid_choice"),
        ({"service": "Tele gram"}, "invalid"),
    ],
)
def test_a_correction_that_is_none_is_refused(changes, code, sue, claim):
    with pytest.raises(ValidationError) as refused:
        correct(claim, sue, **changes)

    error = refused.value
    codes = {e.code for es in error.error_dict.values() for e in es} if hasattr(
        error, "error_dict"
    ) else {error.code}  # fmt: skip
    assert codes == {code}
    assert not Event.objects.filter(kind="corrected").exists()


def test_auditors_correct_nothing(otto, claim):
    with pytest.raises(PermissionDenied):
        corrections.correct_facts(
            claim_id=claim.pk, by=otto, seen=newest_event(claim), note=WHY, now=timezone.now(),
            correction=corrections.Correction(two_factor=True, channel="api", service="telegram"),
        )  # fmt: skip
