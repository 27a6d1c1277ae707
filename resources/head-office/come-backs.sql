-- Come-backs: a banned product that was removed from a phone, and found on it again on a later day, at any desk.
-- :first and :last are days, both included.
WITH done AS (
    SELECT phone, rule, day, log, intent_seq, finding_seq
    FROM steps
    WHERE day BETWEEN :first AND :last AND kind = 'removal-outcome' AND outcome = 'done' AND phone_known
),
-- A step whose finding came in an earlier bundle says by its entry, or by that of its announcement, what it was for.
told AS (
    SELECT phone, rule, day, log FROM done WHERE rule IS NOT NULL
    UNION ALL
    SELECT done.phone, reason.rule, done.day, done.log
    FROM done
    LEFT JOIN steps AS intent ON intent.log = done.log AND intent.seq = done.intent_seq
    JOIN findings AS reason ON reason.log = done.log AND reason.seq = coalesce(done.finding_seq, intent.finding_seq)
    WHERE done.rule IS NULL
),
removed AS (
    SELECT phone, rule, min(day) AS removed_on, min(log) AS removed_at FROM told GROUP BY phone, rule
)
SELECT
    again.phone,
    again.rule,
    min(again.product_en) AS product,
    min(again.product_fr) AS product_fr,
    min(removed.removed_on) AS removed_on,
    min(again.day) AS back_on,
    max(CASE WHEN again.log <> removed.removed_at THEN 1 ELSE 0 END) AS at_another_desk
FROM findings AS again
JOIN removed ON removed.phone = again.phone AND removed.rule = again.rule
WHERE again.day BETWEEN :first AND :last AND again.day > removed.removed_on AND again.phone_known AND again.banned
GROUP BY again.phone, again.rule
ORDER BY back_on, again.phone, again.rule
LIMIT 1000
