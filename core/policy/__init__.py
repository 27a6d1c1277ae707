"""Policies: which apps are banned, by whose decision, and whether a phone has one of them.

:mod:`core.policy.format.policy_file` reads a policy from a file, :mod:`core.policy.matching.match` judges an inventory
with it. Nothing in here knows how a phone is read or where a finding is recorded.
"""
