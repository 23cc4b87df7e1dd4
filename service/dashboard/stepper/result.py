"""An explanation on the page: the drawing, its controls, what each step says, and the norms below."""

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from service.dashboard.components import Drawing
from service.dashboard.stepper.board import Board, written
from service.dashboard.stepper.norms import norms
from service.dashboard.stepper.picture import backdrop, middle, overlay, plan_of
from service.dashboard.stepper.steps import steps_of
from service.dashboard.words import section

Document = Mapping[str, Any]
PLAY_MILLISECONDS = 1800
LEGEND = (
    "An edge is as wide as its weight is large: blue and whole where it is positive, orange and dashed where it is "
    "negative. The arrow keys go from step to step."
)


def result(answer: Document, title: str, beside: tuple[str, Document] | None = None) -> Component:
    """The steps of an explanation, and the norms of another one beside its own."""
    plan, steps = plan_of(answer), steps_of(answer)
    sent = {
        "backdrop": backdrop(answer, plan),
        "steps": [{"shapes": overlay(step, plan), "told": written(step), "x": middle(step, plan)} for step in steps],
    }
    label = f"A network of {len(answer['layers'])} layers; each step is told in words and numbers below."
    drawing = Drawing(width=plan.width, height=plan.height, label=label, id="stepper-drawing")
    return dmc.Stack(
        [
            dcc.Store("stepper-steps", data=sent),
            dcc.Interval("stepper-clock", interval=PLAY_MILLISECONDS, disabled=True),
            dmc.Paper(
                [
                    html.Div(
                        html.Div(drawing, style={"width": f"{plan.width}px", "margin": "0 auto"}),
                        id="stepper-picture",
                        className="stepper-picture",
                        tabIndex=0,
                        role="group",
                        **{"aria-label": "The network, which can be scrolled"},
                    ),
                    dmc.Text(LEGEND, size="sm", c="dimmed", my="xs"),
                    _controls(len(steps)),
                    html.Div(
                        Board(written(steps[0]), id="stepper-board"),
                        id="stepper-panel",
                        className="stepper-panel",
                        **{"aria-live": "polite"},
                    ),
                ],
                withBorder=True,
                p="md",
            ),
            section("What is left of δ, from layer to layer", norms([(title, answer), *([beside] if beside else [])])),
        ]
    )


def _controls(steps: int) -> Component:
    slider = dmc.Slider(
        id="stepper-number",
        min=1,
        max=steps,
        step=1,
        value=1,
        label=None,
        thumbLabel="Step",
        size="lg",
        flex=1,
        miw=140,
    )
    buttons = [
        dmc.Button("Previous", id="stepper-previous", variant="default", size="sm", disabled=True),
        dmc.Button("Next", id="stepper-next", size="sm"),
        dmc.Button("Play", id="stepper-play", variant="default", size="sm", w=84),
    ]
    position = dmc.Text(f"1 of {steps}", id="stepper-position", className="stepper-position")
    return dmc.Group([dmc.Group(buttons, gap="xs", wrap="nowrap"), slider, position], gap="md", mb="md")
