from django.urls import path, register_converter

from claims.portal import (
    answering,
    claims,
    credit,
    evidence,
    filing,
    notices,
    orders,
    policy,
    resumable,
)


class Word:
    """Part of an address without a slash or a control character, which the database refuses."""

    regex = r"[^/\x00-\x1f]{1,64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Word, "word")

app_name = "portal"
urlpatterns = [
    path("", orders.home, name="home"),
    path("orders/", orders.orders, name="orders"),
    path("orders/<word:shop_id>/claim/", filing.file_claim, name="file_claim"),
    path("orders/<word:shop_id>/return/", orders.cancel_and_return, name="cancel_and_return"),
    path("orders/<word:shop_id>/uploads/", resumable.create_upload, name="create_upload"),
    path("uploads/<word:token>/", resumable.upload, name="upload"),
    path("claims/", claims.claims, name="claims"),
    path("claims/<word:code>/", claims.claim, name="claim"),
    path("claims/<word:code>/withdraw/", claims.withdraw_claim, name="withdraw_claim"),
    path("claims/<word:code>/evidence/", answering.add_evidence, name="add_evidence"),
    path("claims/<word:code>/appeal/", answering.appeal, name="appeal"),
    path("claims/<word:code>/objection/", answering.object_to_repair, name="object"),
    path("claims/<word:code>/choice/", claims.choose, name="choose"),
    path("evidence/<word:token>/<word:role>/", evidence.rendition, name="rendition"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.read_all, name="read_all"),
    path("credit/", credit.credit, name="credit"),
    path("policy/", policy.return_policy, name="policy"),
]
