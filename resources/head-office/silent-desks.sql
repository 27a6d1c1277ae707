-- Silent desks: those that were heard of at some time, but have no check from :first to :last.
-- :first and :last are days, both included.
SELECT desks.desk, desks.log, desks.newest AS last_entry, desks.size AS entries
FROM desks
LEFT JOIN (SELECT DISTINCT log FROM checks WHERE day BETWEEN :first AND :last) AS heard ON heard.log = desks.log
WHERE heard.log IS NULL
ORDER BY last_entry, desks.log
LIMIT 1000
