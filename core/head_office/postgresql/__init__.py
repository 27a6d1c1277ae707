"""Loading a store into a PostgreSQL database."""
