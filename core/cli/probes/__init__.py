"""What ``fanion self-test`` tries, a function for each part: it says what it found, or raises what is wrong.

A module is loaded when its part is tried: a library that is missing is then a line of the report, not its end.
"""
