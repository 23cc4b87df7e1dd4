"""One line for each thing that happened, with the job and the attempt it happened to."""

import logging
import sys

import structlog
from structlog.typing import Processor

from deltarule.store.settings import Settings

STAMPED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)


def configure_logs(settings: Settings) -> None:
    """Write logs to stderr, as JSON lines or for people, Celery's warnings among them; for the whole process."""
    structlog.configure(
        processors=[*STAMPED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=STAMPED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_form(settings)],
        )
    )
    handler.setLevel(settings.log_level.upper())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    for talkative in ("celery", "kombu", "amqp", "alembic"):
        logging.getLogger(talkative).setLevel(logging.WARNING)


def _form(settings: Settings) -> tuple[Processor, ...]:
    # Traces as text, without the values of variables: they may hold a user's data or a password.
    if settings.log_format == "people":
        plain = structlog.dev.plain_traceback
        return (structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain),)
    return structlog.processors.format_exc_info, structlog.processors.JSONRenderer()
