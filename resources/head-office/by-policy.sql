-- By version of the policy: which desks judge by which, and with what result.
-- :first and :last are days, both included.
WITH by_desk AS (
    SELECT
        policy,
        policy_version,
        policy_sha256,
        log,
        count(*) AS checks,
        count(CASE WHEN verdict = 'red' THEN 1 END) AS red,
        min(day) AS first_used,
        max(day) AS last_used
    FROM checks
    WHERE day BETWEEN :first AND :last
    GROUP BY policy, policy_version, policy_sha256, log
)
SELECT
    policy,
    policy_version,
    policy_sha256,
    count(*) AS desks,
    CAST(sum(checks) AS BIGINT) AS checks,
    CAST(sum(red) AS BIGINT) AS red,
    min(first_used) AS first_used,
    max(last_used) AS last_used
FROM by_desk
GROUP BY policy, policy_version, policy_sha256
ORDER BY last_used DESC, policy, policy_version, policy_sha256
