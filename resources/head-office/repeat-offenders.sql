-- Repeat offenders: phones on which the same banned product was found on more than one day.
-- Only phones that are known from check to check; by which serial number, the table personal tells while it may.
-- :first and :last are days, both included.
SELECT
    phone,
    rule,
    min(product_en) AS product,
    min(product_fr) AS product_fr,
    count(DISTINCT day) AS days,
    count(DISTINCT log) AS desks,
    min(day) AS first_found,
    max(day) AS last_found
FROM findings
WHERE day BETWEEN :first AND :last AND banned AND NOT excepted AND phone_known
GROUP BY phone, rule
HAVING count(DISTINCT day) > 1
ORDER BY days DESC, last_found DESC, phone, rule
LIMIT 1000
