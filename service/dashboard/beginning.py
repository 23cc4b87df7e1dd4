"""What a service without jobs says: how to make the first."""

import dash_mantine_components as dmc
from dash.development.base_component import Component
from flask import request

CONVERSATION = """curl {url}/v1/jobs -H 'Content-Type: application/json' -d '{{
  "data": {{"inputs": [[0, 0], [0, 1], [1, 0], [1, 1]], "targets": [[0], [1], [1], [0]]}},
  "network": {{"layers": [{{"units": 4, "activation": "tanh"}}, {{"activation": "sigmoid"}}]}},
  "loss": {{"name": "log_loss"}},
  "optimizer": {{"name": "adam", "learning_rate": 0.05}},
  "training": {{"epochs": 300, "batch_size": "full", "seed": 7, "validation_fraction": 0}}
}}'"""


def beginning() -> Component:
    """The request that makes a first job, ready to be copied."""
    url = request.host_url.rstrip("/")
    return dmc.Stack(
        [
            dmc.Text("There are no jobs here yet. A network learns exclusive or, from four rows inside the job:"),
            dmc.Code(CONVERSATION.format(url=url), block=True, **{"tabIndex": 0}),
        ],
        gap="xs",
    )
