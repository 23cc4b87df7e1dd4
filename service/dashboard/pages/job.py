"""One job."""

from collections.abc import Mapping

import dash_mantine_components as dmc
from dash.development.base_component import Component

from service.authentication import owner
from service.dashboard.words import heading, moment, name_of, status_badge
from service.services import services


def layout(_: Mapping[str, str], job_id: str) -> Component:
    """The job as it stands."""
    job = services().jobs.get(owner(), job_id)
    return dmc.Stack([heading(name_of(job.name, job.id), status_badge(job.status)), moment(job.created_at)])
