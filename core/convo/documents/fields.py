"""What a document holds: its parts in their order, with the fields of the rows in each.

`docs/export.md` describes them for readers. A field has the name of its column, without `_id` and
shorter where that says as much. References to rows of the same document are by number: the first
row of a part is 1. A negative number stands for a row that has been deleted.
"""

from typing import NamedTuple

KIND = "session"
FORMAT = 1
"""The version of the format: it goes up when an older release could not read a document."""


class Part(NamedTuple):
    """A list of rows: its key in the document, and the statements that read and insert a row.

    `fields` are in the order of the columns of `select`. Of each row, the `names` have to be
    texts and the `numbers` integers; other values may be of any type that a column can have.
    `references` says which fields refer to rows of which part.
    """

    key: str
    select: str
    insert: str
    fields: tuple[str, ...]
    names: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    references: tuple[tuple[str, str], ...] = ()

    @property
    def is_numbered(self) -> bool:
        """Whether other rows can refer to the rows, which are inserted many at a time."""
        return self.fields[0] in ("row", "message") and self.key != "cut_answers"


SETTINGS = (
    "branch",
    "previous_branch",
    "model",
    "base_url",
    "api",
    "agent",
    "model_chosen",
    "context",
    "mcp",
    "template",
    "template_values",
    "source",
    "folder",
)
"""The head of a session, the choices of its last turn, and the program that it came from."""

BRANCHES = Part(
    "branches",
    "document_branches",
    "restore_branch",
    ("branch", "parent", "forked_from_turn", "kept_empty", "created_at"),
    names=("branch",),
    numbers=("kept_empty",),
)
RENAMED = Part(
    "renamed_branches",
    "document_renamed_branches",
    "restore_renamed_branch",
    ("old", "branch"),
    names=("old", "branch"),
)
USED = Part(
    "used_names", "document_used_names", "restore_used_name", ("branch",), names=("branch",)
)
MESSAGES = Part(
    "messages", "document_messages", "restore_message", ("message", "data", "created_at")
)
STRUCTURE = Part(
    "structure",
    "document_structure",
    "restore_structure",
    (
        "row",
        "message",
        "branch",
        "type",
        "sequence",
        "turn",
        "branch_turn",
        "tool",
        "created_at",
    ),
    names=("branch", "type"),
    numbers=("message", "sequence"),
    references=(("message", "messages"),),
)
CUTS = Part(
    "cut_answers",
    "document_cuts",
    "restore_cut",
    ("message", "reason"),
    names=("reason",),
    numbers=("message",),
    references=(("message", "messages"),),
)
USAGE = Part(
    "turn_usage",
    "document_turn_usage",
    "restore_turn_usage",
    (
        "row",
        "branch",
        "turn",
        "requests",
        "input_tokens",
        "output_tokens",
        "total_tokens",
        "input_details",
        "output_details",
        "created_at",
    ),
    names=("branch",),
    numbers=("turn",),
)
RUNS = Part(
    "runs",
    "document_runs",
    "restore_run",
    (
        "row",
        "branch",
        "turn",
        "anchor",
        "turn_usage",
        "model",
        "status",
        "estimated",
        "requests",
        "input_tokens",
        "cached_tokens",
        "output_tokens",
        "reasoning_tokens",
        "total_tokens",
        "input_details",
        "output_details",
        "request_entries",
        "started_at",
        "duration_s",
        "created_at",
        "last_agent",
        "answer_schema",
        "base_url",
        "agent",
        "recorded_cost",
        "first_token_s",
        "cache_write_tokens",
        "cache_write_1h_tokens",
        "audio_input_tokens",
        "audio_output_tokens",
        "longest_request",
        "tool_times",
    ),
    names=("branch", "status", "request_entries"),
    numbers=(
        "turn",
        "estimated",
        "requests",
        "input_tokens",
        "cached_tokens",
        "output_tokens",
        "reasoning_tokens",
        "total_tokens",
    ),
    references=(("anchor", "structure"), ("turn_usage", "turn_usage")),
)
PENDING = Part(
    "pending",
    "document_pending",
    "restore_pending",
    (
        "row",
        "branch",
        "turn",
        "from_turn",
        "stem",
        "retries",
        "question",
        "options",
        "answer",
        "state",
        "message",
        "host",
        "process",
        "process_began",
        "after_row",
        "created_at",
        "updated_at",
        "items",
        "running",
        "agent",
        "run",
        "carried",
    ),
    names=(
        "branch",
        "question",
        "options",
        "answer",
        "state",
        "host",
        "process_began",
        "items",
        "running",
    ),
    numbers=("turn", "process", "after_row"),
    references=(("retries", "pending"), ("after_row", "structure"), ("run", "runs")),
)

NOTES = Part(
    "notes",
    "document_notes",
    "restore_note",
    ("note", "message", "created_at"),
    names=("note",),
    numbers=("message",),
    references=(("message", "messages"),),
)
TAGS = Part(
    "tags",
    "document_tags",
    "restore_tag",
    ("tag", "message", "created_at"),
    names=("tag",),
    numbers=("message",),
    references=(("message", "messages"),),
)
STARS = Part(
    "stars",
    "document_stars",
    "restore_star",
    ("created_at", "message"),
    references=(("message", "messages"),),
)
MERGES = Part(
    "merges",
    "document_merges",
    "restore_merge",
    (
        "kind",
        "anchor",
        "last_row",
        "before_row",
        "source_branch",
        "source_anchor",
        "source_row",
        "first_turn",
        "last_turn",
        "created_at",
    ),
    names=("kind",),
    numbers=("anchor", "last_row", "first_turn", "last_turn"),
    references=(
        ("anchor", "structure"),
        ("last_row", "structure"),
        ("before_row", "structure"),
        ("source_anchor", "structure"),
        ("source_row", "structure"),
    ),
)
MARKS = (NOTES, TAGS, STARS, MERGES)
"""What older documents lack."""

PARTS = (BRANCHES, RENAMED, USED, MESSAGES, STRUCTURE, CUTS, USAGE, RUNS, PENDING, *MARKS)
"""In the order in which a document has them: a row refers to earlier ones, or to its own part."""
