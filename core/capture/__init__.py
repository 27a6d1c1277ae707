"""A phone that was read wrong, as a file without its holder's data.

The raw answers of one check are kept while it runs, made anonymous, and written as text that a person can read line by
line; such a file plays as a practice phone, which is read as the phone itself was.
"""
