-- Missing entries: those of a log that no bundle has brought although later ones came. Nobody knows what is in them; what
-- came behind them counts once they are here. They are missing whatever days are asked about.
SELECT desk, log, first_seq, last_seq, last_seq - first_seq + 1 AS entries
FROM gaps
ORDER BY desk, log, first_seq
