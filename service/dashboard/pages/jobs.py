"""The jobs of whoever asks, newest first."""

from collections.abc import Mapping

import dash_mantine_components as dmc
from dash.development.base_component import Component

from service.authentication import owner
from service.dashboard.words import heading, link, name_of, status_badge
from service.services import services


def layout(_: Mapping[str, str]) -> Component:
    """The list."""
    rows = [
        dmc.Group([link(name_of(job.name, job.id), f"/jobs/{job.id}"), status_badge(job.status)])
        for job in services().jobs.page(owner()).items
    ]
    return dmc.Stack([heading("Jobs"), *rows])
