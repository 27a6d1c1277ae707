-- Coverage: checks by day with each verdict, at how many desks, and how many phones were seen for the first time in these
-- days; all new phones together are the phones that were seen.
-- :first and :last are days, both included.
WITH by_desk AS (
    SELECT
        day,
        log,
        count(*) AS checks,
        count(CASE WHEN verdict = 'red' THEN 1 END) AS red,
        count(CASE WHEN verdict = 'amber' THEN 1 END) AS amber,
        count(CASE WHEN verdict = 'green' THEN 1 END) AS green
    FROM checks
    WHERE day BETWEEN :first AND :last
    GROUP BY day, log
),
first_seen AS (
    SELECT phone, min(day) AS day FROM checks WHERE day BETWEEN :first AND :last GROUP BY phone
),
new AS (
    SELECT day, count(*) AS phones FROM first_seen GROUP BY day
)
SELECT
    by_desk.day AS day,
    CAST(sum(checks) AS BIGINT) AS checks,
    coalesce(max(new.phones), 0) AS new_phones,
    count(*) AS desks,
    CAST(sum(red) AS BIGINT) AS red,
    CAST(sum(amber) AS BIGINT) AS amber,
    CAST(sum(green) AS BIGINT) AS green
FROM by_desk
LEFT JOIN new ON new.day = by_desk.day
GROUP BY by_desk.day
ORDER BY by_desk.day
