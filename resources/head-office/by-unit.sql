-- By unit: of the phones that rounds were to see, how many were seen, and how many of those had a banned app.
-- Units come from the coverage of rounds, which travels in bundles. Rounds of several desks with one name are one, and a
-- phone counts once whichever of them has seen it.
-- Phones are the same by their serial numbers. A line of a roster that has none is the phone that its desk has found to
-- be it; a check of another serial number than that of its line does not count for it (see the question contradictions).
-- Where the check of a line, or one of its phone that is not two days earlier, was erased, and no red is known, the phone is not known to
-- have been left well: it counts as not seen.
-- :first and :last are days, both included.
WITH named AS (
    SELECT round, max(name) AS name FROM rounds GROUP BY round
),
lines AS (
    SELECT
        roster.round, roster.phone AS line, roster.phone_known AS by_serial, roster.unit,
        checks.phone, coalesce(checks.phone_known, false) AS known, checks.verdict, checks.day, checks.time,
        gone.record IS NOT NULL AS erased
    FROM roster
    LEFT JOIN checks ON checks.log = roster.log AND checks.seq = roster.seen_seq
    LEFT JOIN (SELECT DISTINCT log, record FROM erased) AS gone
        ON gone.log = roster.log AND gone.record = roster.seen_seq
),
-- The lines without a serial number of which it is known which phone they are: one, at every desk that has seen it.
identified AS (
    SELECT line, min(phone) AS phone
    FROM lines
    WHERE NOT by_serial AND known
    GROUP BY line
    HAVING count(DISTINCT phone) = 1
),
listed AS (
    SELECT
        coalesce(named.name, lines.round) AS round,
        lines.unit,
        CASE
            WHEN lines.by_serial THEN lines.line
            WHEN lines.known THEN lines.phone
            WHEN lines.day IS NOT NULL THEN lines.line
            ELSE coalesce(identified.phone, lines.line)
        END AS phone,
        CASE
            WHEN lines.by_serial AND lines.known AND lines.phone <> lines.line THEN NULL
            WHEN NOT lines.known AND (lines.by_serial OR lines.erased) AND lines.verdict <> 'red' THEN NULL
            ELSE lines.verdict
        END AS verdict,
        lines.day,
        lines.time
    FROM lines
    LEFT JOIN identified ON identified.line = lines.line AND NOT lines.by_serial
    LEFT JOIN named ON named.round = lines.round
),
due AS (
    SELECT round, phone, max(unit) AS unit FROM listed GROUP BY round, phone
),
seen AS (
    SELECT phone, max(CASE WHEN verdict = 'red' THEN 1 ELSE 0 END) AS red, max(time) AS time
    FROM (
        SELECT phone, verdict, time
        FROM checks
        WHERE day BETWEEN :first AND :last AND phone_known AND phone IN (SELECT phone FROM due)
        UNION ALL
        SELECT phone, verdict, time
        FROM listed
        WHERE day BETWEEN :first AND :last AND verdict IS NOT NULL
    ) AS found
    GROUP BY phone
),
later AS (
    SELECT phone, max(time) AS time FROM forgotten WHERE day BETWEEN :first AND :last GROUP BY phone
),
standing AS (
    SELECT seen.phone, seen.red
    FROM seen
    LEFT JOIN later ON later.phone = seen.phone
    WHERE seen.red = 1 OR later.time IS NULL OR later.time <= seen.time - INTERVAL '48' HOUR
)
SELECT
    due.round,
    due.unit,
    count(*) AS phones,
    count(standing.phone) AS seen,
    count(*) - count(standing.phone) AS not_seen,
    coalesce(sum(standing.red), 0) AS red
FROM due
LEFT JOIN standing ON standing.phone = due.phone
GROUP BY due.round, due.unit
ORDER BY due.round, due.unit
