"""`python -m tests.drill [--quiet MINUTES]`: every fault, one after the other, a quiet time, and a table of times."""

import argparse
import signal
import sys
import time

from tests.drill.drill import Measured, running_drill
from tests.drill.faults import FAULTS, GOAL_SECONDS
from tests.drill.monitoring import HURRIED, USUAL


def main() -> None:
    """Run the drill; the exit status is 1 where a message was wrong, missing or too many, or came too late."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quiet", type=float, default=30, help="minutes without a fault, in which no alert may come")
    parser.add_argument("--only", help="the fault whose name holds this")
    parser.add_argument("--hurried", action="store_true", help="at the pace of the test")
    chosen = parser.parse_args()
    faults = [one for one in FAULTS if (chosen.only or "") in one.name]
    measured: list[Measured] = []
    # Ended from outside, it takes its network and daemons with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("drill ended by SIGTERM"))
    try:
        with running_drill(HURRIED if chosen.hurried else USUAL) as drill:
            print("whole: 3 routers, 5 ends of BGP sessions, 2 links", flush=True)
            if chosen.quiet:
                drill.stay_quiet(chosen.quiet * 60)
                print(f"quiet: no alert in {chosen.quiet:g} minutes", flush=True)
            for fault in faults:
                print(f"{time.strftime('%X')} {fault.name} …", flush=True)
                measured += drill.run([fault])
                print_table(measured[-1:])
    except AssertionError as error:
        sys.exit(f"drill failed: {error}")
    finally:
        print_table(measured)
    late = [one.fault.name for one in measured if one.fault.hard and one.told_seconds > GOAL_SECONDS]
    if late:
        sys.exit(f"later than {GOAL_SECONDS} s: {', '.join(late)}")


def print_table(measured: list[Measured]) -> None:
    """What was measured, a line a fault."""
    print(f"{'fault':<26}{'told after':>12}{'goal':>8}{'recovery told after':>22}{'messages':>10}")
    for one in measured:
        goal = f"{GOAL_SECONDS} s" if one.fault.hard else "-"
        seconds = f"{one.told_seconds:>10.1f} s{goal:>8}{one.recovered_seconds:>20.1f} s"
        print(f"{one.fault.name:<26}{seconds}{one.messages:>10}")


if __name__ == "__main__":
    main()
