"""Records as tables: CSV, Excel, Parquet."""
