import io
import json
import zipfile

import numpy as np
import pytest

from deltarule.training.exports import export
from tests.training.exports.making import trained


@pytest.fixture
def bundle() -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(export(trained("penguins, classes"), "bundle", {"id": "m1", "name": "Bären"})))


def test_the_files_lie_side_by_side(bundle: zipfile.ZipFile) -> None:
    assert bundle.namelist() == ["README.md", "predict.py", "preprocessing.json", "self_test.json", "weights.npz"]
    assert {entry.date_time for entry in bundle.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_weights_and_preprocessing_are_those_of_the_other_exports(bundle: zipfile.ZipFile) -> None:
    model = trained("penguins, classes")
    with np.load(io.BytesIO(bundle.read("weights.npz")), allow_pickle=False) as archive:
        assert archive["weights_0"].tobytes() == model.parameters.weights[0].tobytes()
    told = json.loads(bundle.read("preprocessing.json"))
    assert told.pop("other_columns") == ["species"]
    assert told == {**json.loads(json.dumps(model.description())), "id": "m1", "name": "Bären"}


def test_the_proof_has_gaps_and_strangers_but_no_notes(bundle: zipfile.ZipFile) -> None:
    proof = json.loads(bundle.read("self_test.json"))
    assert proof["rows"][-1] == dict.fromkeys(trained("penguins, classes").form.inputs.names)
    assert "a text that training never saw" in proof["rows"][-2].values()
    assert all(set(answer) == {"label", "probabilities"} for answer in proof["predictions"])


def test_a_strict_model_proves_itself_without_gaps() -> None:
    packed = zipfile.ZipFile(io.BytesIO(export(trained("no gap allowed"), "bundle")))
    assert len(json.loads(packed.read("self_test.json"))["rows"]) == 4


def test_the_page_says_which_model_it_is(bundle: zipfile.ZipFile) -> None:
    page = bundle.read("README.md").decode()
    assert page.startswith("# Bären\n")
    assert trained("penguins, classes").weights_sha256 in page
    assert "Model m1" in page
