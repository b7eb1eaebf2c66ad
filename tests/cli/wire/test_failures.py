"""What the many forms of an error say in words."""

from typing import Any

import pytest

from convo_cli.wire.failures import failure, in_words


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (" No. ", "No."),
        ({"success": False, "errors": [{"code": 7, "message": "No."}]}, "No."),
        ({"message": "No.", "code": 400}, "No."),
        ([{"error": {"code": 400, "message": "No.", "status": "INVALID_ARGUMENT"}}], "No."),
        (
            {
                "message": {
                    "detail": [{"loc": ["body", "seed"], "msg": "No."}, {"msg": "Nor that."}]
                }
            },
            "body.seed: No; Nor that.",
        ),
        ({"code": 7, "é": None}, '{"code": 7, "é": null}'),
        (7, "7"),
        (None, ""),
        ({}, ""),
        ([], ""),
    ],
)
def test_errors_in_words(error: Any, said: str) -> None:
    assert in_words(error) == said


def test_an_error_with_an_object_for_its_message() -> None:
    body = {"object": "error", "message": {"detail": [{"loc": ["body", "seed"], "msg": "No."}]}}
    assert failure(body) == {"error": {"message": "body.seed: No.", "code": None}}
