"""`python -m worker.celery`: a Celery worker, as `celery --app worker.app worker` starts one, but sooner.

Nearly everything that a start makes stays until the end. To look through it for garbage, again and again as it grows,
takes a quarter of the start; that begins only when the worker is ready (`worker.app`).
"""

import argparse
import gc

from worker.sparing import sparing


def main() -> None:
    """Be a worker until a signal ends it."""
    gc.disable()
    parser = argparse.ArgumentParser(prog="python -m worker.celery", description="One worker, for one job at a time.")
    parser.add_argument(
        "--hostname", metavar="NAME", help='its name, in which %%h is that of the machine: "worker1@%%h"'
    )
    options = parser.parse_args()
    # Only now, since this is what there is to wait for; and not Celery's command line, which has a dozen others.
    with sparing():
        from celery.utils.nodenames import default_nodename, host_format  # noqa: PLC0415

        from worker.app import create_app  # noqa: PLC0415

    create_app().Worker(
        hostname=host_format(default_nodename(options.hostname)),
        loglevel="WARNING",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    ).start()


if __name__ == "__main__":
    main()
