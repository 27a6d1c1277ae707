"""The evidence folder beside a log: copies of banned apps' files, and which records of the log refer to them."""
