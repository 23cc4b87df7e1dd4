"""One step of backpropagation with every number of it, for whoever wants to follow it on paper."""

from apiflask import APIBlueprint

from deltarule.backprop.explanation import Explanation
from service.authentication import owner
from service.examples import EXPLANATIONS
from service.explaining import ExplanationRequest, explained
from service.services import services

blueprint = APIBlueprint("explanations", __name__, url_prefix="/v1/explanations", tag="Explanations")


@blueprint.post("")
@blueprint.input(ExplanationRequest, examples=EXPLANATIONS)
@blueprint.output(Explanation)
def explain_step(json_data: ExplanationRequest) -> Explanation:
    """Explain one step of backpropagation: forward, loss, backward, update, and a check by central differences.

    A trained model may be given as `model_id`, with `rows` of its data by column name, the target among them. Computed
    in float64. Per-sample values are n × units, gradients are means over the batch.
    """
    return explained(services(), owner(), json_data)
