from service.dashboard.measures import MOST_CLASSES, confusion, details, lines, summary


def test_figures_of_each_set_of_rows_stand_side_by_side() -> None:
    text = str(
        summary({"training": {"accuracy": 1.0, "labels": ["a"]}, "validation": {"accuracy": 0.5, "log_loss": None}})
    )
    assert all(word in text for word in ("Training", "Validation", "Accuracy", "0.5", "Log loss", "–"))
    assert "labels" not in text.lower()


def test_a_set_that_was_not_measured_has_no_column() -> None:
    assert "Validation" not in str(summary({"training": {"r2": 0.4}, "validation": None}))


def test_the_matrix_says_who_was_taken_for_whom() -> None:
    text = str(confusion(["red", "blue"], [[3, 1], [0, 0]]))
    assert "red taken for blue: 1 of 4" in text
    assert "color-mix(in srgb, var(--training) 30.0%, transparent)" in text
    assert "color-mix(in srgb, var(--validation) 10.0%, transparent)" in text


def test_of_many_classes_the_most_frequent_are_shown() -> None:
    size = MOST_CLASSES + 5
    matrix = [[place if place == other else 0 for other in range(size)] for place in range(size)]
    text = str(confusion([f"class {place}" for place in range(size)], matrix))
    assert "'class 4'" not in text
    assert "'class 5'" in text
    assert f"The {MOST_CLASSES} most frequent of {size} classes." in text


def test_targets_have_a_line_each() -> None:
    text = str(lines("Target", {"width": {"r2": 0.9}, "height": {"r2": None}}))
    assert all(word in text for word in ("width", "height", "R²", "0.9", "–"))


def test_what_was_not_measured_is_not_shown() -> None:
    assert details({"accuracy": 0.5}) == []
