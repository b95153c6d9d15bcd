from __future__ import annotations

import pytest

from claims.models import Claim, Replacement
from tests.claims.actions.review.replacement_requests import make_defect, request


@pytest.fixture
def defect(ann) -> Claim:
    return make_defect(ann)


@pytest.fixture
def asked(defect, sue) -> Replacement:
    return request(defect, sue)
