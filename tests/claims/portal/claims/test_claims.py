import pytest

from tests.makers import make_claim, make_order


def test_the_list_shows_where_each_claim_stands_newest_first(ann, ann_client):
    first = make_claim(make_order(ann, completed=True), kind="major_defect")
    second = make_claim(make_order(ann, completed=True), kind="major_defect")

    page = ann_client.get("/claims/")

    assert [claim for claim, _ in page.context["listed"]] == [second, first]
    assert first.get_absolute_url() in page.content.decode()
    assert "Being reviewed" in page.content.decode()


def test_the_list_of_somebody_without_claims_says_where_to_start(bob, ann_client):
    make_claim(make_order(bob, completed=True), kind="major_defect")

    page = ann_client.get("/claims/")

    assert page.context["listed"] == []
    assert "No claims yet" in page.content.decode()


@pytest.mark.parametrize("count", [1, 20])
def test_the_list_asks_five_queries_however_long_it_is(
    ann, ann_client, django_assert_num_queries, count
):
    for _ in range(count):
        make_claim(make_order(ann, completed=True), kind="major_defect")

    with django_assert_num_queries(5):
        ann_client.get("/claims/")
