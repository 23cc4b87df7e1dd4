"""The HTTP server: many threads, because requests wait for news, in two processes, because Python computes in one."""

import gc
import logging

from gunicorn import util  # type: ignore[import-untyped]
from gunicorn.http import wsgi  # type: ignore[import-untyped]
from gunicorn.workers import gthread  # type: ignore[import-untyped]
from gunicorn.workers.base import Worker  # type: ignore[import-untyped]

from deltarule.store.logs import configure_logs
from deltarule.store.settings import Settings
from service.refusals import write_problem
from service.serving import clear

wsgi_app = "service.serving:application()"
# Loaded before the processes are forked, which share its memory and count together.
preload_app = True
worker_class = "gthread"
workers = 2
threads = 96
worker_connections = 512
keepalive = 15
timeout = 60
# Requests that wait for news are told of the end and answered at once; two seconds are for the others.
graceful_timeout = 2
errorlog = "-"
loglevel = "warning"
# The most that gunicorn knows; a name of 200 letters of any script, and a cursor, fit in.
limit_request_line = 8190
# No client may say which path or prefix it asks for, but by asking for it.
forwarder_headers = ""
control_socket_disable = True


def on_starting(_: object) -> None:
    """Have all logs, the server's own too, written as the settings say, and memory shared with the forked processes."""
    configure_logs(Settings())
    server = logging.getLogger("gunicorn.error")
    server.handlers.clear()
    server.propagate = True
    gc.collect()
    gc.freeze()


def on_exit(_: object) -> None:
    """Leave nothing behind."""
    clear()


def post_worker_init(worker: Worker) -> None:
    """Let waiting requests and streams know when the process is asked to end, so that it ends at once."""
    # Not before `application` has made the folder that what it loads counts in.
    from service.dashboard.warming import warm_up  # noqa: PLC0415
    from service.services import NAME  # noqa: PLC0415
    from service.tracing import trace_requests  # noqa: PLC0415

    services = worker.wsgi.extensions[NAME]
    services.waiting.ending = services.streams.ending = lambda: not worker.alive
    trace_requests(worker.wsgi, services.settings)
    warm_up()


# A kept connection on which nothing is asked holds up the end no longer than that, in seconds.
gthread.STOP_KEEPALIVE_LINGER = 0.5
# The name in the Server header; which server and version it is concerns nobody.
wsgi.SERVER = "deltarule"
util.write_error = write_problem
