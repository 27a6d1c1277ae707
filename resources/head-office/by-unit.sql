-- By unit: of the phones that rounds were to see, how many were seen, and how many of those had a banned app.
-- Units come from the coverage of rounds, which travels in bundles. Rounds of several desks with one name are one, and a
-- phone counts once whichever of them has seen it.
-- :first and :last are days, both included.
WITH named AS (
    SELECT round, max(name) AS name FROM rounds GROUP BY round
),
listed AS (
    SELECT roster.log, coalesce(named.name, roster.round) AS round, roster.phone, roster.unit, roster.seen_seq
    FROM roster
    LEFT JOIN named ON named.round = roster.round
),
due AS (
    SELECT round, phone, max(unit) AS unit FROM listed GROUP BY round, phone
),
seen AS (
    SELECT phone, max(CASE WHEN verdict = 'red' THEN 1 ELSE 0 END) AS red
    FROM (
        SELECT phone, verdict
        FROM checks
        WHERE day BETWEEN :first AND :last AND phone_known AND phone IN (SELECT phone FROM due)
        UNION ALL
        SELECT listed.phone, checks.verdict
        FROM listed
        JOIN checks ON checks.log = listed.log AND checks.seq = listed.seen_seq
        WHERE checks.day BETWEEN :first AND :last
    ) AS found
    GROUP BY phone
)
SELECT
    due.round,
    due.unit,
    count(*) AS phones,
    count(seen.phone) AS seen,
    count(*) - count(seen.phone) AS not_seen,
    coalesce(sum(seen.red), 0) AS red
FROM due
LEFT JOIN seen ON seen.phone = due.phone
GROUP BY due.round, due.unit
ORDER BY due.round, due.unit
