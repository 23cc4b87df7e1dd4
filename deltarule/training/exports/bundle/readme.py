"""What lies in a bundle, told to whoever finds it."""

from deltarule.training.exports.facts import About
from deltarule.training.model import Model

_README = """\
# {name}

A model of Deltarule: {task} of {target}, {parameters} parameters in {dtype}.

It needs Python 3.10 or newer and NumPy, nothing else.

```console
$ python predict.py rows.csv       # CSV in, CSV out
$ python predict.py rows.json      # [{{"column": value}}, ...] in, {{"predictions": [...]}} out
$ python predict.py --self-test    # predicts rows whose answers are known
```

From Python: `from predict import Model; Model().predict(rows)`, each row a dictionary by column name.

| file | holds |
| --- | --- |
| `predict.py` | the program |
| `weights.npz` | `weights_0` (units × fan-in), `biases_0` (units), `weights_1`, ...: the layers, input side first |
| `preprocessing.json` | how columns become inputs and outputs become answers; the layers' activations |
| `self_test.json` | rows and the answers to them |

The columns, in their order: {columns}.
A missing value counts as the column's `fill`; a text that training never saw as none of the column's categories.

Model {identifier}; SHA-256 of its weights: {sha256}.
"""


def readme(model: Model, about: About) -> str:
    """The page, in Markdown."""
    return _README.format(
        name=about.get("name") or "A trained model",
        task=model.form.task,
        target=", ".join(model.form.target.names),
        parameters=f"{model.parameters.layout.size:,}",
        dtype=model.network.dtype,
        columns=", ".join(f"`{name}`" for name in model.form.inputs.names),
        identifier=about.get("id", "without an id"),
        sha256=model.weights_sha256,
    )
