-- %(claims)s claims, %(open)s of them open, each a copy of one of the claims that are there, with an
-- order, a number and a receipt of its own. Open ones have two files, of closed ones every fourth
-- has one, and the decided ones have their decision. The closed ones were filed over three years,
-- the open ones over the last twenty days.
-- Of what the queue is filtered by, some values are common, and of each kind one has 40 open and 40
-- closed claims at any size.
-- Replica mode: no trigger and no foreign key is asked, which is most of the time it takes.
SET LOCAL session_replication_role = replica;
SET LOCAL synchronous_commit = off;

CREATE TEMPORARY TABLE model ON COMMIT DROP AS
SELECT claim.id AS claim_id, claim.order_id, closed_at IS NULL AS is_open, filed_at,
       row_number() OVER (PARTITION BY closed_at IS NULL ORDER BY id) - 1 AS turn,
       count(*) OVER (PARTITION BY closed_at IS NULL) AS turns
  FROM claims_claim AS claim;

CREATE TEMPORARY TABLE numbered ON COMMIT DROP AS
SELECT 1000000 + serial AS id, serial, serial > %(claims)s - %(open)s AS is_open,
       CASE WHEN serial > %(claims)s - %(open)s THEN serial - (%(claims)s - %(open)s)
            ELSE serial END AS place,
       CASE WHEN serial > %(claims)s - %(open)s THEN %(open)s
            ELSE %(claims)s - %(open)s END AS places,
       -- The same for a serial on every run, and as good as chance.
       abs(hashint4(serial)) %% 1000 AS chance,
       abs(hashint4(serial + 500000000)) %% 1000 AS chance_too
  FROM generate_series(1, %(claims)s) AS serial;

CREATE TEMPORARY TABLE wanted ON COMMIT DROP AS
SELECT numbered.*, model.claim_id, model.order_id,
       now() - CASE WHEN numbered.is_open THEN interval '20 days' ELSE interval '3 years' END
             * (1 - (place - 1)::float / places) - interval '2 hours' - model.filed_at AS later,
       CASE WHEN numbered.is_open THEN interval '0'
            ELSE chance_too * interval '4 minutes' END AS open_for,
       (SELECT min(id) FROM accounts_user) + 1000000 + serial / 5 AS customer_id,
       CASE WHEN rare = 1 THEN 'rarely' WHEN chance < 400 THEN 'whatsapp'
            WHEN chance < 700 THEN 'telegram' ELSE 'service' || chance %% 38 END AS service,
       CASE WHEN rare = 2 THEN 'XK' WHEN chance_too < 400 THEN 'DE'
            WHEN chance_too < 700 THEN 'BR'
            ELSE (ARRAY['AT','BE','CZ','DK','ES','FI','GB','HU','ID','JP','KE','LT','MX','NL',
                        'PL','RO','SE','TR','UA','VN','ZA','IN','US','FR','IT','KZ','PT',
                        'EE','LV','GR'])[1 + chance_too %% 30] END AS country,
       CASE WHEN rare = 3 THEN 'seldom' WHEN chance < 500 THEN 'north'
            ELSE 'supplier ' || chance %% 10 END AS supplier,
       CASE WHEN rare = 4 THEN 'api' ELSE 'web' END AS channel,
       CASE WHEN rare = 5 THEN 3 WHEN chance < 500 THEN 1 ELSE 0 END AS price_band,
       CASE WHEN rare = 6 THEN 'both' WHEN numbered.is_open THEN 'pictures'
            WHEN serial %% 4 = 0 THEN 'pictures' ELSE '' END AS shown,
       rare = 7 AS is_failing,
       rare = 8 AS is_assigned
  FROM numbered
  JOIN model ON model.is_open = numbered.is_open AND model.turn = serial %% model.turns
  CROSS JOIN LATERAL (SELECT CASE WHEN place %% (places / 40) < 9
                                  THEN place %% (places / 40) ELSE 0 END AS rare) AS rarity;

INSERT INTO accounts_user
       (id, password, is_superuser, email, display_name, time_zone, language, is_active, is_staff,
        date_joined)
SELECT DISTINCT ON (customer_id) customer_id, '!', false,
       'customer' || customer_id || '@example.com', '', 'UTC', 'en', true, false, now()
  FROM wanted;

INSERT INTO claims_number (id, phone, service, country, supplier, two_factor)
SELECT wanted.id, '+4915' || lpad((wanted.serial::bigint * 7919 %% 100000000)::text, 9, '0'),
       wanted.service, wanted.country, wanted.supplier, number.two_factor
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
SELECT wanted.id, 'ORD-' || wanted.id, wanted.customer_id, product, wanted.id, wanted.channel,
       price, currency, purchased_at + later, allotted_until + later, activation,
       sms_received_at + later, completed_at + later, reported_at + later, policy_version_id,
       claims_close_at + later, returned_at + later,
       CASE WHEN return_transfer_id IS NOT NULL THEN wanted.id END
  FROM wanted
  JOIN claims_order AS bought ON bought.id = wanted.order_id;

INSERT INTO claims_claim
       (id, code, order_id, kind, reason, customer_two_factor, terms_version, proof_code, status,
        filed_at, due_at, closed_at, decision_id, assignee_id, service, channel, staff_two_factor,
        country, supplier, price_band, shown, is_failing, is_repeated, submission,
        outcomes, asked_at)
SELECT wanted.id, regexp_replace(upper(substr(md5(wanted.id::text), 1, 12)),
                                 '(....)(....)(....)', 'CLM-\1-\2-\3'),
       wanted.id, kind, reason || ' Case ' || wanted.serial || '.', customer_two_factor,
       terms_version, proof_code, status, claim.filed_at + later, due_at + later,
       closed_at + later + open_for, CASE WHEN decision_id IS NOT NULL THEN wanted.id END,
       CASE WHEN is_assigned THEN (SELECT max(id) FROM accounts_user WHERE is_staff) END,
       wanted.service, wanted.channel, false, wanted.country, wanted.supplier, wanted.price_band,
       wanted.shown, wanted.is_failing, false, gen_random_uuid(),
       outcomes, asked_at + later
  FROM wanted
  JOIN claims_claim AS claim ON claim.id = wanted.claim_id
 ORDER BY wanted.id;

INSERT INTO claims_receipt
       (id, claim_id, occasion, made_at, policy_version_id, facts, findings)
SELECT wanted.id, wanted.id, occasion, made_at + later, policy_version_id, facts, findings
  FROM wanted
  JOIN LATERAL (SELECT * FROM claims_receipt WHERE claim_id = wanted.claim_id
                 ORDER BY made_at DESC, id DESC LIMIT 1) AS receipt ON true;

INSERT INTO claims_decision
       (id, claim_id, round, outcome, clause, terms_section, note, answers, by_id, decided_at,
        receipt_id, transfer_id)
SELECT wanted.id, wanted.id, round, outcome, clause, terms_section, note, answers, by_id,
       decided_at + later + open_for, wanted.id,
       CASE WHEN transfer_id IS NOT NULL THEN wanted.id END
  FROM wanted
  JOIN claims_decision AS decision ON decision.claim_id = wanted.claim_id;

INSERT INTO claims_upload
       (id, token, order_id, customer_id, kind, original_name, size, received, sha256, state,
        progress, scan, problem, report, received_at, inspected_at, metadata)
SELECT file * 10000000 + wanted.id, 'token-' || file || '-' || wanted.id, wanted.id,
       wanted.customer_id, 'screenshot', 'proof.png', 1000, 1000, md5(file || '-' || wanted.id),
       'accepted', 100, 'clean', '', '{}', filed_at + later, filed_at + later, ''
  FROM wanted
  JOIN claims_claim AS claim ON claim.id = wanted.claim_id
  CROSS JOIN generate_series(1, 2) AS file
 WHERE is_open OR (wanted.serial %% 4 = 0 AND file = 1);

INSERT INTO claims_rendition (upload_id, role, name, media_type, width, height, size, sha256)
SELECT id, role, role || '/' || id, 'image/webp', 160, 160, 1000, md5(role || id)
  FROM claims_upload
  CROSS JOIN (VALUES ('picture'), ('thumbnail')) AS made (role)
 WHERE id > 10000000;

INSERT INTO claims_evidence (id, claim_id, upload_id, added_at)
SELECT id, order_id, id, received_at FROM claims_upload WHERE id > 10000000;
