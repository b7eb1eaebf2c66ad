"""What becomes of tool calls in a turn that was asked before."""

from dataclasses import dataclass, field

from convo.trials.recorded import Allow, RecordedOutputs, Tools


@dataclass(frozen=True)
class ToolPolicy:
    """Whether calls are run, answered with recorded outputs, or refused; see `convo.asker`."""

    tools: Tools
    allow: Allow
    outputs: RecordedOutputs = field(default_factory=RecordedOutputs)
