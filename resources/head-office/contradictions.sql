-- Contradictions. Between serial numbers and what people wrote: phones are the same by their serial numbers alone, and each
-- of these counts by its own. Between desks: their clocks do not tell which of two checks was later.
--   roster: a desk took a phone for one of a roster's list, whose serial number is another (listed), or none;
--   line: a line of a roster without a serial number was found to be several phones, of which this is one;
--   tag: one asset tag was given to several phones, of which this is one.
--   desks: desks have found one phone differently, less than two days apart by their clocks: the worst of it counts.
-- Asset tags are compared sign by sign, but for small letters and spaces around them.
-- :first and :last are days, both included.
WITH lines AS (
    SELECT
        roster.phone AS line, roster.phone_known AS by_serial,
        checks.phone, checks.phone_known AS known, checks.desk, checks.log, checks.day
    FROM roster
    JOIN checks ON checks.log = roster.log AND checks.seq = roster.seen_seq
    LEFT JOIN (SELECT DISTINCT log, record FROM erased) AS gone
        ON gone.log = roster.log AND gone.record = roster.seen_seq
    WHERE checks.day BETWEEN :first AND :last AND gone.record IS NULL
),
several AS (
    SELECT line FROM lines WHERE NOT by_serial AND known GROUP BY line HAVING count(DISTINCT phone) > 1
),
tagged AS (
    SELECT upper(trim(personal.value)) AS tag, checks.phone, checks.desk, checks.log, checks.day
    FROM personal
    JOIN checks ON checks.log = personal.log AND checks.seq = personal.seq
    WHERE personal.field = 'tag' AND checks.phone_known AND checks.day BETWEEN :first AND :last
),
shared AS (
    SELECT tag FROM tagged GROUP BY tag HAVING count(DISTINCT phone) > 1
),
recent AS (
    SELECT phone, max(greatest(time, CAST(day AS TIMESTAMP))) - INTERVAL '48' HOUR AS since
    FROM checks
    WHERE day BETWEEN :first AND :last AND phone_known
    GROUP BY phone
    HAVING max(CASE WHEN verdict = 'green' THEN 0 ELSE 1 END) = 1
),
-- Of phones that some desk has not found green, the last check at each desk within two days of the newest, by its log.
near AS (
    SELECT
        checks.phone, checks.log, checks.desk, checks.day, checks.verdict,
        row_number() OVER (PARTITION BY checks.phone, checks.log ORDER BY checks.seq DESC) AS place
    FROM checks
    JOIN recent ON recent.phone = checks.phone AND greatest(checks.time, CAST(checks.day AS TIMESTAMP)) > recent.since
    WHERE checks.day BETWEEN :first AND :last AND checks.phone_known
),
differing AS (
    SELECT phone FROM near WHERE place = 1 GROUP BY phone HAVING count(DISTINCT verdict) > 1
)
SELECT kind, phone, listed, tag, min(desk) AS desk, count(DISTINCT log) AS desks, max(day) AS last_seen
FROM (
    SELECT 'roster' AS kind, phone, line AS listed, '' AS tag, desk, log, day
    FROM lines
    WHERE by_serial AND (NOT known OR phone <> line)
    UNION ALL
    SELECT 'line', lines.phone, lines.line, '', lines.desk, lines.log, lines.day
    FROM lines
    JOIN several ON several.line = lines.line
    WHERE NOT lines.by_serial AND lines.known
    UNION ALL
    SELECT 'tag', tagged.phone, CAST(NULL AS BIGINT), tagged.tag, tagged.desk, tagged.log, tagged.day
    FROM tagged
    JOIN shared ON shared.tag = tagged.tag
    UNION ALL
    SELECT 'desks', near.phone, CAST(NULL AS BIGINT), '', near.desk, near.log, near.day
    FROM near
    JOIN differing ON differing.phone = near.phone
    WHERE near.place = 1
) AS found
GROUP BY kind, phone, listed, tag
ORDER BY kind, tag, listed, phone
LIMIT 1000
