"""Measurements against named peers, in the same run: `make bench`. Figures are ratios; no test depends on them."""
