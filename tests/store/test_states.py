from deltarule.store.states import ENDED, HELD, LIVING, MOVES, SENTENCES, Status


def test_the_names_are_those_of_the_contract() -> None:
    assert [str(status) for status in Status] == [
        "queued",
        "running",
        "cancelling",
        "succeeded",
        "failed",
        "cancelled",
    ]


def test_every_state_has_a_sentence_and_its_moves() -> None:
    assert set(SENTENCES) == set(MOVES) == set(Status)
    for status in Status:
        assert status.sentence.endswith(".")


def test_nothing_leaves_an_end_state_and_every_other_state_reaches_one() -> None:
    assert {Status.SUCCEEDED, Status.FAILED, Status.CANCELLED} == ENDED
    assert all(status.ended == (status in ENDED) for status in Status)
    for status in LIVING:
        reached = {status}
        for _ in Status:
            reached |= {target for source in reached for target in MOVES[source]}
        assert reached & ENDED


def test_a_worker_holds_what_runs() -> None:
    assert {Status.RUNNING, Status.CANCELLING} == HELD
    assert HELD | {Status.QUEUED} == LIVING
    assert all(Status.QUEUED not in MOVES[status] for status in HELD - {Status.RUNNING})
