import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from claims.actions.customer.withdrawal import withdraw_claim
from claims.actions.review import assignment
from claims.models import Event
from tests.makers import make_claim, make_order


def assign(claims, to, by):
    ids = [claim.pk for claim in claims]
    return assignment.assign(claim_ids=ids, to=to, by=by, now=timezone.now())


def test_claims_become_somebodys_work(ann, sue, max_):
    claims = [make_claim(make_order(ann)) for _ in range(2)]

    changed = assign(claims, max_, sue)

    event = Event.objects.filter(kind="assigned").first()
    assert [claim.assignee for claim in changed] == [max_, max_]
    assert (event.before, event.after) == ({"assignee": None}, {"assignee": max_.email})


def test_what_is_so_already_and_what_is_closed_is_left_out(ann, sue, max_):
    same, closed, other = (make_claim(make_order(ann)) for _ in range(3))
    assign([same], max_, sue)
    withdraw_claim(claim_id=closed.pk, by=ann, now=timezone.now())

    assert assign([same, closed, other], max_, sue) == [other]
    assert Event.objects.filter(kind="assigned").count() == 2


def test_claims_become_nobodys(ann, sue):
    claim = make_claim(make_order(ann))
    assign([claim], sue, sue)

    assert assign([claim], None, sue)[0].assignee is None


@pytest.mark.parametrize("who", ["ann", "rita", "otto"])
def test_only_who_decides_claims_is_given_them(who, ann, sue, request):
    with pytest.raises(ValidationError) as refused:
        assign([make_claim(make_order(ann))], request.getfixturevalue(who), sue)

    assert refused.value.code == "assignee"


def test_auditors_assign_nothing(ann, sue, otto):
    with pytest.raises(PermissionDenied):
        assign([make_claim(make_order(ann))], sue, otto)
