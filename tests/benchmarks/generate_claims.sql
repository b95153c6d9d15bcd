-- %(claims)s claims, each a copy of one of the claims that are there, with an order, a number, a
-- receipt of its own; every fourth one has a file, and the decided ones their decision.
-- Replica mode: no trigger and no foreign key is asked, which is most of the time it takes.
SET LOCAL session_replication_role = replica;
SET LOCAL synchronous_commit = off;

CREATE TEMPORARY TABLE model ON COMMIT DROP AS
SELECT claim.id AS claim_id, claim.order_id, row_number() OVER (ORDER BY claim.id) - 1 AS turn
  FROM claims_claim AS claim;

CREATE TEMPORARY TABLE wanted ON COMMIT DROP AS
SELECT 1000000 + serial AS id, model.claim_id, model.order_id, serial,
       serial * interval '3 seconds' AS later
  FROM generate_series(1, %(claims)s) AS serial
  JOIN model ON model.turn = serial %% (SELECT count(*) FROM model);

INSERT INTO claims_number (id, phone, service, country, supplier, two_factor)
SELECT wanted.id, '+49151' || wanted.id, number.service, number.country, number.supplier,
       number.two_factor
  FROM wanted
  JOIN claims_order AS bought ON bought.id = wanted.order_id
  JOIN claims_number AS number ON number.id = bought.number_id;

INSERT INTO accounts_credittransfer
       (id, debit_id, credit_id, amount, currency, kind, key, made_at)
SELECT wanted.id, transfer.debit_id, transfer.credit_id, transfer.amount, transfer.currency,
       transfer.kind, 'order:' || wanted.id || ':return', transfer.made_at + later
  FROM wanted
  JOIN claims_order AS bought ON bought.id = wanted.order_id
  JOIN accounts_credittransfer AS transfer ON transfer.id = bought.return_transfer_id;

INSERT INTO claims_order
       (id, shop_id, customer_id, product, number_id, channel, price, currency, purchased_at,
        allotted_until, activation, sms_received_at, completed_at, reported_at, policy_version_id,
        claims_close_at, returned_at, return_transfer_id)
SELECT wanted.id, 'ORD-' || wanted.id, customer_id, product, wanted.id, channel, price, currency,
       purchased_at + later, allotted_until + later, activation, sms_received_at + later,
       completed_at + later, reported_at + later, policy_version_id, claims_close_at + later,
       returned_at + later, CASE WHEN return_transfer_id IS NOT NULL THEN wanted.id END
  FROM wanted
  JOIN claims_order AS bought ON bought.id = wanted.order_id;

INSERT INTO claims_claim
       (id, code, order_id, kind, reason, customer_two_factor, terms_version, status, filed_at,
        closed_at, submission)
SELECT wanted.id, 'CLM-' || wanted.id, wanted.id, kind, reason || ' Case ' || wanted.serial || '.',
       customer_two_factor, terms_version, status, filed_at + later, closed_at + later,
       gen_random_uuid()
  FROM wanted
  JOIN claims_claim AS claim ON claim.id = wanted.claim_id;

INSERT INTO claims_receipt
       (id, claim_id, occasion, made_at, policy_version_id, facts, findings)
SELECT wanted.id, wanted.id, occasion, made_at + later, policy_version_id, facts, findings
  FROM wanted
  JOIN LATERAL (SELECT * FROM claims_receipt WHERE claim_id = wanted.claim_id
                 ORDER BY made_at DESC, id DESC LIMIT 1) AS receipt ON true;

INSERT INTO claims_decision
       (id, claim_id, outcome, clause, terms_section, note, answers, by_id, decided_at, receipt_id,
        transfer_id)
SELECT wanted.id, wanted.id, outcome, clause, terms_section, note, answers, by_id,
       decided_at + later, wanted.id, CASE WHEN transfer_id IS NOT NULL THEN wanted.id END
  FROM wanted
  JOIN claims_decision AS decision ON decision.claim_id = wanted.claim_id;

INSERT INTO claims_upload
       (id, token, order_id, customer_id, kind, original_name, size, sha256, spool_name, state,
        problem, report, received_at, inspected_at)
SELECT wanted.id, 'token-' || wanted.id, wanted.id, customer_id, 'screenshot', 'proof.png', 1000,
       md5(wanted.id::text), '', 'accepted', '', '{}', filed_at + later, filed_at + later
  FROM wanted
  JOIN claims_claim AS claim ON claim.id = wanted.claim_id
  JOIN claims_order AS bought ON bought.id = wanted.order_id
 WHERE wanted.serial %% 4 = 0;

INSERT INTO claims_evidence (id, claim_id, upload_id, added_at)
SELECT id, id, id, received_at FROM claims_upload WHERE id > 1000000;
