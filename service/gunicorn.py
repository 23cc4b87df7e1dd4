"""The HTTP server: many threads, because requests wait for news, in two processes, because Python computes in one."""

import gc

from gunicorn.http import wsgi  # type: ignore[import-untyped]
from gunicorn.workers.base import Worker  # type: ignore[import-untyped]

from deltarule.store.logs import configure_logs
from deltarule.store.settings import Settings
from service.services import NAME

wsgi_app = "service.app:create_app()"
worker_class = "gthread"
workers = 2
threads = 64
worker_connections = 512
keepalive = 15
timeout = 60
graceful_timeout = 3
errorlog = "-"
loglevel = "warning"
# No client may say which path or prefix it asks for, but by asking for it.
forwarder_headers = ""
control_socket_disable = True


def on_starting(_: object) -> None:
    """Have logs written as the settings say, and memory shared with the processes forked from this one."""
    configure_logs(Settings())
    gc.collect()
    gc.freeze()


def post_worker_init(worker: Worker) -> None:
    """Let waiting requests know when the process is asked to end, so that it ends at once."""
    worker.wsgi.extensions[NAME].waiting.ending = lambda: not worker.alive


# The name in the Server header; which server and version it is concerns nobody.
wsgi.SERVER = "deltarule"
