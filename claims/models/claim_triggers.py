"""The triggers of claims: what was filed stays, and a service is one of the catalogue."""

from typing import Final

import pgtrigger

from accounts.models.append_only import never_deleted
from claims.models.statuses import TRANSITIONS

# The column is '' while the service is unknown, so it can't be a foreign key.
IS_IN_THE_CATALOGUE = """
IF NOT EXISTS (SELECT FROM claims_service WHERE slug = NEW.service) THEN
    RAISE EXCEPTION 'the catalogue has no service %', NEW.service;
END IF;
RETURN NEW;
"""

CLAIM_TRIGGERS: Final[list[pgtrigger.Trigger]] = [
    *never_deleted(),
    pgtrigger.FSM(name="moves_along_its_statuses", field="status", transitions=TRANSITIONS),
    pgtrigger.ReadOnly(
        name="keeps_what_was_filed",
        fields=[
            "code",
            "order",
            "kind",
            "reason",
            "customer_two_factor",
            "terms_version",
            "proof_code",
            "filed_at",
            "submission",
            "country",
            "supplier",
            "price_band",
        ],
    ),
    pgtrigger.Trigger(
        name="names_a_known_service",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("service"),  # type: ignore[no-untyped-call]  # it has no types
        condition=~pgtrigger.Q(new__service=""),
        func=IS_IN_THE_CATALOGUE,
    ),
]
