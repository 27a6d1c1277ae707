-- Come-backs: a banned product that was removed from a phone, and found on it again on a later day, at any desk.
-- :first and :last are days, both included.
WITH removed AS (
    SELECT found.phone, found.rule, min(outcome.day) AS removed_on, min(found.log) AS removed_at
    FROM findings AS found
    JOIN steps AS intent ON intent.log = found.log AND intent.finding_seq = found.seq
    JOIN steps AS outcome ON outcome.log = intent.log AND outcome.intent_seq = intent.seq
    WHERE found.day BETWEEN :first AND :last AND found.phone_known AND found.banned
        AND intent.day BETWEEN :first AND :last AND intent.kind = 'removal-intended'
        AND outcome.day BETWEEN :first AND :last AND outcome.kind = 'removal-outcome' AND outcome.outcome = 'done'
    GROUP BY found.phone, found.rule
)
SELECT
    again.phone,
    again.rule,
    min(again.product_en) AS product,
    min(removed.removed_on) AS removed_on,
    min(again.day) AS back_on,
    max(CASE WHEN again.log <> removed.removed_at THEN 1 ELSE 0 END) AS at_another_desk
FROM findings AS again
JOIN removed ON removed.phone = again.phone AND removed.rule = again.rule
WHERE again.day BETWEEN :first AND :last AND again.day > removed.removed_on AND again.phone_known AND again.banned
GROUP BY again.phone, again.rule
ORDER BY back_on, again.phone, again.rule
LIMIT 1000
