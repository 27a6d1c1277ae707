-- Phones that were not seen since :first, although they were checked before or a round was to see them.
-- :first and :last are days: what happened after :last is left out.
WITH known AS (
    SELECT phone, max(day) AS last_seen
    FROM checks
    WHERE phone_known AND day <= :last
    GROUP BY phone
),
due AS (
    SELECT phone, max(unit) AS unit FROM roster WHERE phone_known GROUP BY phone
)
SELECT
    coalesce(known.phone, due.phone) AS phone,
    due.unit AS unit,
    known.last_seen AS last_seen
FROM known
FULL OUTER JOIN due ON due.phone = known.phone
WHERE known.last_seen IS NULL OR known.last_seen < :first
ORDER BY CASE WHEN known.last_seen IS NULL THEN 0 ELSE 1 END, last_seen, phone
LIMIT 1000
