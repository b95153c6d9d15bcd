"""Canned replies on the review page: their order, and the values that are filled in."""

from django.urls import reverse

from claims.admin.review.canned_replies import replies_for
from claims.models import CannedReply
from config.demo.replies import REPLIES, add_replies
from tests.makers import make_claim, make_lease, make_order

EVERYTHING = "{name} {claim} {order} {service} {phone} {price} {proof_code} {clause} {{as it is}}"


def names(claim) -> list[str]:
    return [reply.name for reply in replies_for(claim, claim.assess())]


def add(name: str, clause: str = "", language: str = "en", body: str = "Hello.") -> CannedReply:
    return CannedReply.objects.create(name=name, clause=clause, language=language, body=body)


def test_every_placeholder_is_filled_in(ann):
    claim = make_claim(
        make_order(ann, sms=True, service="whatsapp", price="3.40"),
        kind="invalid_number",
        proofs=("screenshot",),
    )
    add("All", "proof", body=EVERYTHING)

    (reply,) = replies_for(claim, claim.assess())

    order = claim.order
    assert claim.proof_code
    assert reply.text == (
        f"Ann {claim.code} {order.shop_id} WhatsApp {order.number.formatted} 3.40 EUR"
        f" {claim.proof_code} Proof of an invalid number {{as it is}}"
    )


def test_the_customers_language_comes_first_then_what_this_claim_is_about(ann):
    claim = make_claim(make_order(ann))
    for name, clause, language in (
        ("German", "server-side", "de"),
        ("Elsewhere", "proof", "en"),
        ("General", "", "en"),
        ("Ours", "server-side", "en"),
        ("Theirs", "third-party", "en"),
    ):
        add(name, clause, language)

    assert names(claim) == ["Ours", "Theirs", "General", "Elsewhere", "German"]
    ann.language = "de"
    claim.order.customer = ann
    assert names(claim)[0] == "German"


def test_a_link_puts_the_text_into_the_note(ann, sue, browse):
    claim = make_claim(make_order(ann))
    make_lease(claim, sue)
    reply = add("Greeting", body="Dear {name},")
    page = reverse("admin:claims_claim_review", args=[claim.pk])
    client = browse(sue)

    filled = client.get(page, {"reply": reply.pk}).content.decode()

    assert "Dear Ann,</textarea>" in filled
    assert f'value="{reply.pk}" data-text="Dear Ann," selected' in filled
    for nonsense in ("", "x", "-1", "999999", "9" * 40, "٣"):
        answer = client.get(page, {"reply": nonsense})
        assert answer.status_code == 200
        assert "Dear Ann,</textarea>" not in answer.content.decode()


def test_a_name_that_looks_like_a_placeholder_or_markup_stays_a_name(ann, sue, browse):
    ann.display_name = '{price}"><script>alert(1)</script>'
    ann.save()
    claim = make_claim(make_order(ann))
    make_lease(claim, sue)
    reply = add("Greeting", body="Dear {name},")

    page = browse(sue).get(
        reverse("admin:claims_claim_review", args=[claim.pk]), {"reply": reply.pk}
    )

    text = page.content.decode()
    assert "Dear {price}&quot;&gt;&lt;script&gt;" in text
    assert "<script>alert" not in text


def test_who_only_looks_is_shown_none(ann, otto, browse, django_assert_max_num_queries):
    claim = make_claim(make_order(ann))
    add("Greeting", body="Dear {name},")

    page = browse(otto).get(reverse("admin:claims_claim_review", args=[claim.pk]))

    assert "Dear Ann" not in page.content.decode()


def test_the_demos_replies_are_good_ones_and_come_once(db):
    add_replies()
    add_replies()

    assert CannedReply.objects.count() == len(REPLIES)
    for reply in CannedReply.objects.all():
        reply.full_clean()
