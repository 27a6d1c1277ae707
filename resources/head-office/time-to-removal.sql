-- Time to removal: by phone and product, from the first red to the check that read back that the app is gone, in seconds;
-- in whichever visits and at whichever desks that was. A phone that is known from check to check is known by its serial
-- number; of any other, only what is in one visit belongs together.
-- A check tells that an app is gone where it does not find it, and has either seen everything or follows a removal step
-- that the phone called done. What no check has read back counts as open, and what is found again is found anew.
-- :first and :last are days, both included: those in which it was found. The first red may be before them.
WITH found AS (
    SELECT
        CASE WHEN phone_known OR visit IS NULL THEN phone ELSE 0 END AS phone,
        CASE WHEN phone_known OR visit IS NULL THEN '' ELSE log END AS of_log,
        CASE WHEN phone_known OR visit IS NULL THEN '' ELSE visit END AS of_visit,
        rule, product_en, time, log, seq,
        CASE WHEN banned AND NOT excepted THEN 1 ELSE 0 END AS red,
        CASE WHEN banned AND NOT excepted AND day >= :first THEN 1 ELSE 0 END AS asked
    FROM findings
    WHERE day <= :last
),
wanted AS (
    SELECT DISTINCT phone, of_log, of_visit, rule FROM found WHERE red = 1
),
looked AS (
    SELECT
        CASE WHEN phone_known OR visit IS NULL THEN phone ELSE 0 END AS phone,
        CASE WHEN phone_known OR visit IS NULL THEN '' ELSE log END AS of_log,
        CASE WHEN phone_known OR visit IS NULL THEN '' ELSE visit END AS of_visit,
        time, log, seq,
        CASE WHEN gaps = 0 THEN 1 ELSE 0 END AS whole
    FROM checks
    WHERE day <= :last
),
outcomes AS (
    SELECT
        CASE WHEN phone_known OR visit IS NULL THEN phone ELSE 0 END AS phone,
        CASE WHEN phone_known OR visit IS NULL THEN '' ELSE log END AS of_log,
        CASE WHEN phone_known OR visit IS NULL THEN '' ELSE visit END AS of_visit,
        rule, time, log, seq, intent_seq, finding_seq
    FROM steps
    WHERE day <= :last AND kind = 'removal-outcome' AND outcome = 'done'
),
-- A step whose finding came in an earlier bundle says by its entry, or by that of its announcement, what it was for.
done AS (
    SELECT phone, of_log, of_visit, rule, time, log, seq FROM outcomes WHERE rule IS NOT NULL
    UNION ALL
    SELECT
        outcomes.phone, outcomes.of_log, outcomes.of_visit, reason.rule, outcomes.time, outcomes.log, outcomes.seq
    FROM outcomes
    LEFT JOIN steps AS intent ON intent.log = outcomes.log AND intent.seq = outcomes.intent_seq
    JOIN findings AS reason
        ON reason.log = outcomes.log AND reason.seq = coalesce(outcomes.finding_seq, intent.finding_seq)
    WHERE outcomes.rule IS NULL
),
events AS (
    SELECT phone, of_log, of_visit, rule, time, log, seq, 1 AS there, red, asked, 0 AS looked, 0 AS whole, 0 AS done
    FROM found
    UNION ALL
    SELECT
        looked.phone, looked.of_log, looked.of_visit, wanted.rule, looked.time, looked.log, looked.seq,
        0, 0, 0, 1, looked.whole, 0
    FROM looked
    JOIN wanted
        ON wanted.phone = looked.phone AND wanted.of_log = looked.of_log AND wanted.of_visit = looked.of_visit
    UNION ALL
    SELECT phone, of_log, of_visit, rule, time, log, seq, 0, 0, 0, 0, 0, 1
    FROM done
),
-- What belongs to one check: its findings, the steps before it, and its end.
by_look AS (
    SELECT
        phone, of_log, of_visit, rule, time, there, red, asked, looked, whole, done,
        coalesce(sum(looked) OVER (
            PARTITION BY phone, of_log, of_visit, rule ORDER BY time, log, seq
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS look
    FROM events
),
looks AS (
    SELECT
        phone, of_log, of_visit, rule, look,
        min(CASE WHEN red = 1 THEN time END) AS red_at,
        max(asked) AS asked,
        CASE WHEN max(looked) = 1 AND max(there) = 0 AND (max(whole) = 1 OR max(done) = 1) THEN max(time) END AS gone_at
    FROM by_look
    GROUP BY phone, of_log, of_visit, rule, look
),
-- From one check that has not found it to the next.
by_time AS (
    SELECT
        phone, of_log, of_visit, rule, red_at, asked, gone_at,
        coalesce(sum(CASE WHEN gone_at IS NULL THEN 0 ELSE 1 END) OVER (
            PARTITION BY phone, of_log, of_visit, rule ORDER BY look
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS times
    FROM looks
),
red AS (
    SELECT rule, min(red_at) AS red_at, max(gone_at) AS gone_at
    FROM by_time
    GROUP BY phone, of_log, of_visit, rule, times
    HAVING max(asked) = 1
),
named AS (
    SELECT rule, min(product_en) AS product FROM found WHERE asked = 1 GROUP BY rule
)
SELECT
    red.rule,
    min(named.product) AS product,
    count(*) AS found,
    count(red.gone_at) AS removed,
    count(*) - count(red.gone_at) AS open,
    median(unix_millis(red.gone_at) - unix_millis(red.red_at)) / 1000 AS median_seconds,
    max(unix_millis(red.gone_at) - unix_millis(red.red_at)) / 1000 AS longest_seconds
FROM red
LEFT JOIN named ON named.rule = red.rule
GROUP BY red.rule
ORDER BY found DESC, red.rule
