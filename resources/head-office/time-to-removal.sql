-- Time to removal: from the finding of a banned app to the answer of the phone that it is removed, in seconds.
-- What was never removed in its visit counts as open.
-- :first and :last are days, both included.
WITH removed AS (
    SELECT log, finding_seq, min(time) AS done
    FROM steps
    WHERE day BETWEEN :first AND :last AND kind = 'removal-outcome' AND outcome = 'done' AND finding_seq IS NOT NULL
    GROUP BY log, finding_seq
)
SELECT
    found.rule,
    min(found.product_en) AS product,
    count(*) AS found,
    count(removed.done) AS removed,
    count(*) - count(removed.done) AS open,
    median(unix_millis(removed.done) - unix_millis(found.time)) / 1000 AS median_seconds,
    max(unix_millis(removed.done) - unix_millis(found.time)) / 1000 AS longest_seconds
FROM findings AS found
LEFT JOIN removed ON removed.log = found.log AND removed.finding_seq = found.seq
WHERE found.day BETWEEN :first AND :last AND found.banned AND NOT found.excepted
GROUP BY found.rule
ORDER BY found DESC, found.rule
