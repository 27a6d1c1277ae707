-- Can it come back: on how many of the phones that were checked a banned product can be installed again, by unit and
-- product; the row of a unit without a rule is about any of its products.
-- It tells how phones were set up when they were checked last, and promises nothing. A phone counts once, by its last
-- check of these days at each desk, by that desk's log; of desks less than two days apart the worst counts. What a check has not told, or has told before one that was erased, is not known.
-- Units come from the rosters of rounds, which travel in bundles; a phone that is on none of them has no unit.
-- :first and :last are days, both included.
WITH ranked AS (
    SELECT
        phone, platform, log, seq, greatest(time, CAST(day AS TIMESTAMP)) AS time,
        row_number() OVER (PARTITION BY phone, log ORDER BY seq DESC) AS place
    FROM checks
    WHERE day BETWEEN :first AND :last
),
at_desk AS (
    SELECT phone, platform, log, seq, time FROM ranked WHERE place = 1
),
recent AS (
    SELECT phone, max(time) - INTERVAL '48' HOUR AS since FROM at_desk GROUP BY phone
),
lost AS (
    SELECT phone, max(time) AS time FROM forgotten WHERE day <= :last GROUP BY phone
),
newest AS (
    SELECT
        at_desk.phone, at_desk.platform, at_desk.log, at_desk.seq,
        CASE WHEN lost.time > at_desk.time - INTERVAL '48' HOUR THEN 1 ELSE 0 END AS outdated
    FROM at_desk
    JOIN recent ON recent.phone = at_desk.phone
    LEFT JOIN lost ON lost.phone = at_desk.phone
    WHERE at_desk.time > recent.since
),
told AS (
    SELECT
        newest.phone, newest.log, newest.platform, returns.rule, returns.product_en, returns.product_fr,
        CASE
            WHEN returns.state = 'can-return' THEN 2
            WHEN returns.state = 'blocked' AND newest.outdated = 0 THEN 0
            ELSE 1
        END AS state
    FROM newest
    JOIN returns ON returns.log = newest.log AND returns.seq = newest.seq
    WHERE returns.day BETWEEN :first AND :last
),
-- The products that any of the checks tells of, by the system of the phone: one that tells nothing of them counts, too.
products AS (
    SELECT platform, rule, max(product_en) AS product_en, max(product_fr) AS product_fr
    FROM told
    GROUP BY platform, rule
),
listed AS (
    SELECT roster.phone AS line, roster.phone_known AS by_serial, roster.unit, checks.phone
    FROM roster
    LEFT JOIN checks ON checks.log = roster.log AND checks.seq = roster.seen_seq
),
units AS (
    SELECT phone, max(unit) AS unit
    FROM (
        SELECT line AS phone, unit FROM listed WHERE by_serial
        UNION ALL
        SELECT phone, unit FROM listed WHERE NOT by_serial AND phone IS NOT NULL
    ) AS phones
    GROUP BY phone
),
by_product AS (
    SELECT
        newest.phone, products.rule, products.product_en, products.product_fr,
        max(coalesce(told.state, 1)) AS state
    FROM newest
    JOIN products ON products.platform = newest.platform
    LEFT JOIN told ON told.phone = newest.phone AND told.log = newest.log AND told.rule = products.rule
    GROUP BY newest.phone, products.rule, products.product_en, products.product_fr
),
counted AS (
    SELECT phone, rule, product_en, product_fr, state FROM by_product
    UNION ALL
    SELECT newest.phone, '', '', '', coalesce(max(by_product.state), 1)
    FROM newest
    LEFT JOIN by_product ON by_product.phone = newest.phone
    GROUP BY newest.phone
)
SELECT
    coalesce(units.unit, '') AS unit,
    counted.rule,
    max(counted.product_en) AS product,
    max(counted.product_fr) AS product_fr,
    count(*) AS phones,
    count(CASE WHEN counted.state = 2 THEN 1 END) AS can_return,
    count(CASE WHEN counted.state = 1 THEN 1 END) AS not_known,
    count(CASE WHEN counted.state = 0 THEN 1 END) AS blocked
FROM counted
LEFT JOIN units ON units.phone = counted.phone
GROUP BY coalesce(units.unit, ''), counted.rule
ORDER BY CASE WHEN counted.rule = '' THEN 0 ELSE 1 END, can_return DESC, not_known DESC, unit, counted.rule
LIMIT 1000
