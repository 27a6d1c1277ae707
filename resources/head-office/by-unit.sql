-- By unit: of the phones that rounds were to see, how many were seen, and how many of those had a banned app.
-- Units come from the coverage of rounds, which travels in bundles.
-- :first and :last are days, both included.
WITH seen AS (
    SELECT phone, max(CASE WHEN verdict = 'red' THEN 1 ELSE 0 END) AS red
    FROM checks
    WHERE day BETWEEN :first AND :last AND phone_known AND phone IN (SELECT phone FROM roster)
    GROUP BY phone
),
due AS (
    SELECT DISTINCT round, unit, phone FROM roster
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
