"""A worker's end in words."""

import signal

import pytest

from deltarule.store.losses import STALLED_EXIT, of_exit


@pytest.mark.parametrize(
    ("code", "words", "advice"),
    [
        (-signal.SIGKILL, "signal 9, SIGKILL", "want of memory"),
        (-signal.SIGSEGV, "segmentation fault (signal 11, SIGSEGV)", "worker's log"),
        (-signal.SIGABRT, "signal 6, SIGABRT", "too little memory"),
        (-signal.SIGBUS, "was ended by signal 7 (SIGBUS)", "worker's log"),
        (-255, "was ended by signal 255", "worker's log"),
        (STALLED_EXIT, "did not get on", "DELTARULE_STALL_SECONDS"),
        (1, "ended with exit code 1", "worker's log"),
        (0, "ended with exit code 0", "worker's log"),
    ],
)
def test_how_a_process_ended_is_told_in_words(code: int, words: str, advice: str) -> None:
    loss = of_exit(code)
    assert words in loss.words
    assert advice in loss.advice
