"""The charts of a round: their numbers, their words, and their drawing."""
