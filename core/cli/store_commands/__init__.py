"""``fanion merge`` and ``fanion store``, for head office."""
