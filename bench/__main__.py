"""`python -m bench`: run every measurement and print its table."""

from bench.drop_in import measure_drop_in
from bench.fleet import measure_fleet
from bench.links import measure_links
from bench.pull import measure_pull
from bench.report import measure_report
from bench.rules import measure_rules
from bench.scrape import measure_scrape
from bench.startup import measure_startup
from bench.traps import measure_traps

if __name__ == "__main__":
    measure_scrape()
    measure_drop_in()
    measure_fleet()
    measure_links()
    measure_traps()
    measure_report()
    measure_startup()
    measure_rules()
    measure_pull()
