-- By version of the policy: which desks judge by which, and with what result.
-- :first and :last are days, both included.
SELECT
    policy,
    policy_version,
    policy_sha256,
    count(DISTINCT log) AS desks,
    count(*) AS checks,
    sum(CASE WHEN verdict = 'red' THEN 1 ELSE 0 END) AS red,
    min(day) AS first_used,
    max(day) AS last_used
FROM checks
WHERE day BETWEEN :first AND :last
GROUP BY policy, policy_version, policy_sha256
ORDER BY last_used DESC, policy, policy_version, policy_sha256
