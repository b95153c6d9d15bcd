from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import authenticate
from django.db.models import F, Q, Sum
from django.test import RequestFactory
from django.utils import timezone

from accounts.models import CreditAccount, CreditTransfer, User
from claims import queries
from claims.actions.orders import automatic_returns
from claims.models import Claim, Event, Message, Order, Rendition, Upload
from claims.policy import RULES, Clause, Outcome, assess, prospects
from config import demo
from config.demo import __main__ as command
from config.demo import orders as demo_orders
from config.demo.people import PASSWORD, PEOPLE
from config.demo.queue import End, cases

FOR_PEOPLE_ALONE = {
    Clause.SERVER_SIDE,
    Clause.CRITICAL_DEFECT,
    Clause.REPAIR,
    Clause.API_MISUSE,
    Clause.THIRD_PARTY,
}
KINDS = ("sms_not_received", "invalid_number", "major_defect")


def test_the_whole_demo_loads_once_and_holds_together(db, settings):
    """One test, because loading takes a while: each step checks the data of the one before."""
    settings.DEBUG = True
    demo.load(say=str)
    the_people_can_sign_in()
    claims_are_in_all_states()
    the_files_tell_what_a_reviewer_wants_to_see()
    one_hour_is_unusual()
    evidence_is_real()
    every_clause_has_an_order_of_ann()
    everything_happened_in_the_past_in_turn()
    the_credit_adds_up()
    a_second_run_changes_nothing()
    the_workers_change_what_they_should()
    the_credit_adds_up()


def the_people_can_sign_in():
    assert User.objects.count() == len(PEOPLE) == 17
    for person in PEOPLE:
        user = User.objects.get(email=person.email)
        assert user.check_password(PASSWORD)
        assert EmailAddress.objects.filter(user=user, verified=True, primary=True).exists()
        assert [group.name for group in user.groups.all()] == [person.group] * bool(person.group)
        assert user.is_staff == bool(person.group or person.is_superuser)
    assert User.objects.get(email="admin@example.com").is_superuser
    request = RequestFactory().post("/account/login/")
    assert authenticate(request, email="ann@example.com", password=PASSWORD)


def claims_are_in_all_states():
    assert Counter(Claim.objects.values_list("status", flat=True)) == {
        "submitted": 26,
        "waiting_customer": 5,
        "repairing": 1,
        "repaired": 1,
        "offered": 1,
        "refunded": 10,
        "rejected": 5,
        "withdrawn": 3,
    }
    assert set(Claim.objects.values_list("kind", flat=True)) == set(KINDS)
    assert Claim.objects.values("reason").distinct().count() == 48
    assert Message.objects.filter(from_staff=False).count() == 1
    clauses = set(Claim.objects.values_list("decision__clause", flat=True)) - {None, ""}
    assert len(clauses) == 5


def one_hour_is_unusual():
    unusual = [each for each in queries.open_groups(now=timezone.now()) if each.is_unusual]
    assert [(each.group.supplier, each.waiting) for each in unusual] == [("samba", 8)]


def evidence_is_real():
    made = Rendition.objects.filter(upload__state="accepted")
    assert made.filter(role="picture").values("sha256").distinct().count() >= 12
    assert made.filter(role="video").values("sha256").distinct().count() >= 6
    accepted = Upload.objects.filter(state="accepted")
    assert made.filter(role="thumbnail", size__lt=6 * 1024).count() == accepted.count()
    refused = Upload.objects.filter(state="refused")
    assert {upload.report["problem"] for upload in refused} == {"too_short", "too_small"}
    assert set(refused.values_list("evidence__claim__status", flat=True)) == {"waiting_customer"}
    assert Upload.objects.filter(state="waiting", evidence__isnull=False).count() == 3
    half = Upload.objects.get(state="receiving")
    assert half.order.shop_id == "NUM-1007"
    assert 0 < half.received < half.size


def the_files_tell_what_a_reviewer_wants_to_see():
    """Check the codes, and proof that was used before, was edited, or has expired."""
    with_code = Claim.objects.exclude(proof_code="")
    assert set(with_code.values_list("kind", flat=True)) == {"invalid_number"}
    assert not Claim.objects.filter(kind="invalid_number", proof_code="").exists()
    first = Upload.objects.get(order__shop_id="NUM-2029")
    again = Upload.objects.get(order__shop_id="NUM-2008")
    assert first.sha256 == again.sha256
    assert first.customer != again.customer
    gone = Upload.objects.get(order__shop_id="NUM-2041")
    claim = gone.evidence.claim
    assert gone.state == Upload.State.REMOVED
    assert not gone.renditions.exists()
    assert (gone.removed_at - claim.closed_at).days == 180
    assert claim.events.last().kind == Event.Kind.EVIDENCE_REMOVED


def every_clause_has_an_order_of_ann():
    failed, asked = findings_of_ann()
    assert failed | FOR_PEOPLE_ALONE == set(RULES)
    assert {
        Clause.TERMS, Clause.ACTIVATION_COMPLETE, Clause.PROOF, *FOR_PEOPLE_ALONE,
    } == asked  # fmt: skip


def findings_of_ann():
    """Return the clauses that fail or need a person, for claims that ann could file this minute."""
    failed, asked = set(), set()
    for order in Order.objects.filter(customer__email="ann@example.com"):
        for finding in all_findings(order):
            if finding.outcome == Outcome.FAILED:
                failed.add(finding.clause)
            elif finding.outcome == Outcome.FOR_REVIEWER:
                asked.add(finding.clause)
    return failed, asked


def all_findings(order):
    is_live = order.claims.filter(status__in=Claim.OPEN).exists()
    terms = order.policy_version.terms
    for kind in KINDS:
        facts = order.facts(kind=kind, filed_at=timezone.now(), has_live_claim=is_live)
        yield from assess(facts, terms).findings
        yield from prospects(facts, terms)[facts.kind].findings


def everything_happened_in_the_past_in_turn():
    now = timezone.now()
    assert not Event.objects.filter(at__gt=now).exists()
    assert not CreditTransfer.objects.filter(made_at__gt=now).exists()
    late = Claim.objects.filter(
        Q(filed_at__gte=F("order__claims_close_at")) | Q(filed_at__lte=F("order__purchased_at"))
    )
    assert not late.exists()
    assert not Claim.objects.filter(closed_at__lte=F("filed_at")).exists()
    for claim in Claim.objects.all():
        told = list(claim.events.order_by("pk").values_list("at", flat=True))
        assert told == sorted(told)


def the_credit_adds_up():
    for account in CreditAccount.objects.filter(kind="customer"):
        gained = account.credits.aggregate(total=Sum("amount"))["total"] or 0
        spent = account.debits.aggregate(total=Sum("amount"))["total"] or 0
        assert account.balance == gained - spent >= 0
    for order in Order.objects.exclude(returned_at=None):
        assert order.return_transfer.amount == order.price
    purchases = CreditTransfer.objects.filter(kind="purchase").count()
    assert purchases == Order.objects.filter(product="number").count()
    assert CreditTransfer.objects.filter(kind="top_up").count() == 12


def a_second_run_changes_nothing():
    before = counts()
    demo.load(say=str)
    assert counts() == before
    # Without its last step the demo looks like an interrupted load, and is loaded again.
    User.objects.get(email="admin@example.com").delete()
    demo.load(say=str)
    assert counts() == before


def counts():
    models = (User, Order, Claim, Event, Upload, Rendition, CreditTransfer, Message)
    return {model: model.objects.count() for model in models}


def the_workers_change_what_they_should():
    """The sweep returns the one order whose time runs out; no open claim ends by it."""
    later = timezone.now() + timedelta(hours=1)
    due = queries.due_for_return(now=later)
    assert [order.shop_id for order in due] == ["NUM-1002"]
    open_claims = set(Claim.objects.filter(status__in=Claim.OPEN))
    assert automatic_returns.return_expired(now=later) == 1
    assert set(Claim.objects.filter(status__in=Claim.OPEN)) == open_claims
    failed, _asked = findings_of_ann()
    assert failed | FOR_PEOPLE_ALONE == set(RULES)


@pytest.mark.parametrize("arguments", [[], ["--people"]])
def test_nothing_is_loaded_where_debug_is_off(db, settings, capsys, arguments):
    settings.DEBUG = False
    assert command.main(arguments) == 1
    assert "DEBUG is false" in capsys.readouterr().err
    assert not User.objects.exists()


def test_people_are_listed_one_a_line_with_password_and_purpose(settings, capsys):
    settings.DEBUG = True
    assert command.main(["--people"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(PEOPLE)
    for line, person in zip(lines, PEOPLE, strict=True):
        assert line.split(maxsplit=2) == [person.email, PASSWORD, person.what_for]


def test_every_end_of_a_claim_is_in_the_queue():
    assert {case.end for case in cases()} == set(End)
    ids = [purchase.shop_id for purchase in demo_orders.PURCHASES_OF_ANN]
    ids += [case.purchase.shop_id for case in cases()]
    assert len(ids) == len(set(ids)) == 65
