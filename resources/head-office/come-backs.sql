-- Come-backs: a banned product that was removed from a phone, and found on it again on a later day, at any desk.
-- :first and :last are days, both included.
WITH removed AS (
    SELECT
        steps.phone,
        coalesce(steps.rule, reason.rule) AS rule,
        min(steps.day) AS removed_on,
        min(steps.log) AS removed_at
    FROM steps
    LEFT JOIN steps AS intent ON intent.log = steps.log AND intent.seq = steps.intent_seq
    LEFT JOIN findings AS reason
        ON reason.log = steps.log AND reason.seq = coalesce(steps.finding_seq, intent.finding_seq)
    WHERE steps.day BETWEEN :first AND :last AND steps.kind = 'removal-outcome' AND steps.outcome = 'done'
        AND steps.phone_known
    GROUP BY steps.phone, coalesce(steps.rule, reason.rule)
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
