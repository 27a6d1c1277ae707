-- Coverage: how many phones were seen, by day; and how often with each verdict.
-- :first and :last are days, both included.
SELECT
    day,
    count(*) AS checks,
    count(DISTINCT phone) AS phones,
    count(DISTINCT log) AS desks,
    sum(CASE WHEN verdict = 'red' THEN 1 ELSE 0 END) AS red,
    sum(CASE WHEN verdict = 'amber' THEN 1 ELSE 0 END) AS amber,
    sum(CASE WHEN verdict = 'green' THEN 1 ELSE 0 END) AS green
FROM checks
WHERE day BETWEEN :first AND :last
GROUP BY day
ORDER BY day
