"""`python -m bench`: run every measurement and print its table."""

from bench.scrape import measure_scrape
from bench.startup import measure_startup

if __name__ == "__main__":
    measure_scrape()
    measure_startup()
