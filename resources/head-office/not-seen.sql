-- Phones that were not seen since :first, although they were checked before or a round was to see them.
-- Phones are the same by their serial numbers. A line of a roster that has none is the phone that its desk has found to
-- be it; a check of another serial number than that of its line does not count for it (see the question contradictions).
-- :first and :last are days: what happened after :last is left out.
WITH known AS (
    SELECT phone, max(day) AS last_seen
    FROM checks
    WHERE phone_known AND day <= :last
    GROUP BY phone
),
lines AS (
    SELECT
        roster.phone AS line, roster.phone_known AS by_serial, roster.unit,
        checks.phone, coalesce(checks.phone_known, false) AS known, checks.day, gone.record IS NOT NULL AS erased
    FROM roster
    LEFT JOIN checks ON checks.log = roster.log AND checks.seq = roster.seen_seq AND checks.day <= :last
    LEFT JOIN (SELECT DISTINCT log, record FROM erased) AS gone
        ON gone.log = roster.log AND gone.record = roster.seen_seq
),
identified AS (
    SELECT line, min(phone) AS phone
    FROM lines
    WHERE NOT by_serial AND known
    GROUP BY line
    HAVING count(DISTINCT phone) = 1
),
due AS (
    SELECT phone, max(unit) AS unit, max(day) AS last_seen
    FROM (
        SELECT
            CASE
                WHEN lines.by_serial THEN lines.line
                WHEN lines.known THEN lines.phone
                WHEN lines.day IS NOT NULL THEN lines.line
                ELSE coalesce(identified.phone, lines.line)
            END AS phone,
            lines.unit,
            CASE
                WHEN lines.by_serial AND lines.known AND lines.phone <> lines.line THEN NULL
                WHEN lines.by_serial AND NOT lines.known AND NOT lines.erased THEN NULL
                ELSE lines.day
            END AS day
        FROM lines
        LEFT JOIN identified ON identified.line = lines.line AND NOT lines.by_serial
    ) AS listed
    GROUP BY phone
),
phones AS (
    SELECT
        coalesce(known.phone, due.phone) AS phone,
        due.unit AS unit,
        greatest(coalesce(known.last_seen, due.last_seen), coalesce(due.last_seen, known.last_seen)) AS last_seen
    FROM known
    FULL OUTER JOIN due ON due.phone = known.phone
)
SELECT phone, unit, last_seen
FROM phones
WHERE last_seen IS NULL OR last_seen < :first
ORDER BY CASE WHEN last_seen IS NULL THEN 0 ELSE 1 END, last_seen, phone
LIMIT 1000
