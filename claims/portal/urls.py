from django.urls import path, register_converter

from claims.portal import policy
from claims.portal.account import credit_views, merge_views, notice_views
from claims.portal.claims import answer_views, claim_views
from claims.portal.filing import filing_views
from claims.portal.orders import order_views
from claims.portal.uploads import rendition_views, resumable


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
    path("", order_views.home, name="home"),
    path("orders/", order_views.orders, name="orders"),
    path("orders/<word:shop_id>/claim/", filing_views.file_claim, name="file_claim"),
    path("orders/<word:shop_id>/return/", order_views.cancel_and_return, name="cancel_and_return"),
    path("orders/<word:shop_id>/uploads/", resumable.create_upload, name="create_upload"),
    path("uploads/<word:token>/", resumable.upload, name="upload"),
    path("claims/", claim_views.claims, name="claims"),
    path("claims/<word:code>/", claim_views.claim, name="claim"),
    path("claims/<word:code>/read/", claim_views.read_claim, name="read_claim"),
    path("claims/<word:code>/withdraw/", claim_views.withdraw_claim, name="withdraw_claim"),
    path("claims/<word:code>/evidence/", answer_views.add_evidence, name="add_evidence"),
    path("claims/<word:code>/appeal/", answer_views.appeal, name="appeal"),
    path("claims/<word:code>/objection/", answer_views.object_to_repair, name="object"),
    path("claims/<word:code>/choice/", claim_views.choose, name="choose"),
    path("evidence/<word:token>/<word:role>/", rendition_views.rendition, name="rendition"),
    path("notices/", notice_views.notices, name="notices"),
    path("notices/read/", notice_views.read_all, name="read_all"),
    path("credit/", credit_views.credit, name="credit"),
    path("merges/<str:link>/", merge_views.merge, name="merge"),
    path("policy/", policy.return_policy, name="policy"),
]
