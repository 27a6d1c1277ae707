"""The bars over and under the pages."""
