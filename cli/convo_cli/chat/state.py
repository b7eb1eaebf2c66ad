"""The state of a running chat: its database, position, terminal and settings."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from convo.errors import ConflictError, ConvoError, NotFoundError
from convo.records import Found
from convo.store import ConversationStore
from convo_cli.agent.tool_threads import ToolThreads
from convo_cli.ask.attachments import Attachment
from convo_cli.ask.hosts import Hosts
from convo_cli.ask.lent_line import LentLine
from convo_cli.ask.screens.agent_output import AgentOutput
from convo_cli.ask.screens.base import TurnScreen
from convo_cli.ask.screens.markdown import AnswerScreen
from convo_cli.ask.screens.plain import RawScreen
from convo_cli.chat.edit import Edit
from convo_cli.chat.landing import Landings
from convo_cli.chat.position import Position
from convo_cli.invocation import Invocation
from convo_cli.settings import has_status
from convo_cli.terminal import Terminal
from convo_cli.turn.choice import ModelChoice


@dataclass
class Chat:
    """A running chat.

    `hosts` run turns, and `threads` are those of running tools. `given` is the choice of model made
    by options and environment, `choice` the one for the next message, `attached` its attachments,
    `draft` the text that its prompt begins with, and `editing` the turn that is edited there. `raw`
    shows answers unrendered. `leaving` ends the chat. `next_agent` is the agent that the user named
    for the next message, "" for the one that begins. `found` are the hits of the last search.
    `agent_output` captures what an agent's code prints, `line` is what it reads from, and
    `landings` watches for turns of other shells.
    """

    invocation: Invocation
    store: ConversationStore
    position: Position
    hosts: Hosts
    threads: ToolThreads
    raw: bool = False
    given: ModelChoice = field(default_factory=ModelChoice)
    choice: ModelChoice = field(default_factory=ModelChoice)
    attached: list[Attachment] = field(default_factory=list)
    draft: str = ""
    editing: Edit | None = None
    leaving: bool = False
    next_agent: str | None = None
    found: Sequence[Found] = ()
    agent_output: AgentOutput = field(init=False)
    landings: Landings = field(init=False)
    line: LentLine = field(init=False)

    def __post_init__(self) -> None:
        self.agent_output = AgentOutput(self.terminal)
        self.landings = Landings(self.position)
        self.line = LentLine(self.terminal, self.agent_output)

    @property
    def terminal(self) -> Terminal:
        """The terminal of the chat."""
        return self.invocation.terminal

    async def active_agent(self) -> str | None:
        """The agent that goes on; None for the one that begins, and without an agent."""
        if self.choice.agent is None:
            return None
        if self.next_agent is not None:
            return self.next_agent or None
        return await self.position.last_agent()

    @property
    def has_status(self) -> bool:
        """Whether a status line is shown: it is wanted, and the terminal can show it."""
        terminal, invocation = self.terminal, self.invocation
        wanted = has_status(invocation.environ, invocation.config)
        return wanted and terminal.can_redraw and not terminal.quiet

    def screen(self) -> TurnScreen:
        """A screen that shows an answer."""
        return (RawScreen if self.raw or self.choice.schema else AnswerScreen)(
            self.terminal, agent_output=self.agent_output
        )

    async def moved_by(self, error: ConvoError) -> str | None:
        """A notice if the error means that the chat's branch or session is gone; otherwise None.

        The chat has then moved to where it can go on.
        """
        if isinstance(error, NotFoundError | ConflictError):
            return await self.position.settle()
        return None
