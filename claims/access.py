"""The only access to a person's data. Someone else's data answers 404, as if it didn't exist."""

from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from accounts.log_context import note
from accounts.models import CreditAccount, CustomerMerge, User
from claims.models import Claim, Notice, Order, Rendition, Upload


def orders_of(user: User) -> QuerySet[Order]:
    return Order.objects.filter(customer=user)


def claims_of(user: User) -> QuerySet[Claim]:
    return Claim.objects.filter(order__customer=user)


def notices_of(user: User) -> QuerySet[Notice]:
    return Notice.objects.filter(event__order__customer=user)


def accounts_of(user: User) -> QuerySet[CreditAccount]:
    return CreditAccount.objects.filter(owner=user)


def merge_for(user_id: int, merge_id: int) -> CustomerMerge:
    """Return the merge of which this person is one of the two customers."""
    merges = CustomerMerge.objects.select_related("merged", "survivor")
    return get_object_or_404(merges, Q(merged=user_id) | Q(survivor=user_id), pk=merge_id)


def order_for(user: User, shop_id: str) -> Order:
    orders = orders_of(user).select_related("number", "policy_version", "return_transfer")
    return get_object_or_404(orders, shop_id=shop_id)


def claim_for(user: User, code: str) -> Claim:
    claims = claims_of(user).select_related(
        "order__number", "order__policy_version", "order__return_transfer", "decision__transfer"
    )
    claim = get_object_or_404(claims, code=code)
    note(claim=claim.code)
    return claim


def unused_uploads(user: User, order: Order) -> QuerySet[Upload]:
    """Return the person's uploads for this order that belong to no claim yet."""
    unused = Upload.objects.filter(customer=user, order=order, evidence__isnull=True)
    unused = unused.exclude(state=Upload.State.REMOVED)
    return unused.prefetch_related("renditions").order_by("id")


def upload_for(user: User, token: str) -> Upload:
    """Return the person's upload in any state."""
    return get_object_or_404(Upload, token=token, customer=user)


def claim_by_submission(user: User, order: Order, submission: UUID) -> Claim | None:
    """Return the claim that this form submission has already filed, or None."""
    return claims_of(user).filter(order=order, submission=submission).first()


def rendition_for(user: User, token: str, role: str) -> Rendition:
    """Return a rendition of the person's own upload, or, for staff who may see it, of evidence.

    If MALWARE_SCAN is `required`, files without a clean scan answer 404 to everyone.
    """
    shown = Q(upload__customer=user)
    if user.is_staff and user.has_perm("claims.view_evidence"):
        shown |= Q(upload__evidence__isnull=False)
    renditions = Rendition.objects.select_related("upload")
    return get_object_or_404(renditions, shown, _not_held_back(), upload__token=token, role=role)


def _not_held_back() -> Q:
    required = settings.MALWARE_SCAN == "required"
    return Q(upload__scan=Upload.Scan.CLEAN) if required else Q()
