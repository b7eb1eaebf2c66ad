"""Messages for broken answers."""

from convo_cli.turn.asked import Asked, Fault
from convo_cli.wire.ends import (
    BEFORE_THE_ANSWER,
    CONTENT_FILTER,
    IN_A_CALL,
    TOKEN_LIMIT,
    FailedAnswerError,
)

IN_ONE_PIECE = "--no-stream asks for the answer in one piece"
_COMPATIBLE = "is that an OpenAI-compatible server, and its address right?"
SAY_IT_DIFFERENTLY = "say it differently, or branch from an earlier turn"


def failed_answer(error: FailedAnswerError, asked: Asked) -> Fault:
    """The server reports that its answer failed, was cut off, or was filtered."""
    if error.code == TOKEN_LIMIT:
        when = str(error) if str(error) in {IN_A_CALL, BEFORE_THE_ANSWER} else "before its end"
        return (
            f"the answer of {asked.model} was cut off at the limit of tokens {when}",
            "allow it more with -o max_tokens=N, or ask for less",
        )
    if error.code == CONTENT_FILTER:
        return f"the content filter of {asked.where} stopped the answer", SAY_IT_DIFFERENTLY
    return f"{asked.where} failed while answering: {error}", None


def cut_answer(error: Exception, asked: Asked) -> Fault:
    """The answer broke off."""
    hint = IN_ONE_PIECE if asked.streams else None
    return f"the answer of {asked.where} ended before it was complete", hint


def bad_answer(error: Exception, asked: Asked) -> Fault:
    """The answer is not what an OpenAI-compatible server sends."""
    return f"{asked.where} {error}", _COMPATIBLE


def malformed(error: Exception, asked: Asked) -> Fault:
    """A library could not decode the answer, or could not encode the conversation."""
    if isinstance(error, UnicodeEncodeError):
        return "the conversation has characters that cannot be sent (lone surrogates)", None
    return (
        f"the answer of {asked.where} is malformed ({type(error).__name__})",
        _COMPATIBLE,
    )


def broken_off(message: str, asked: Asked) -> Fault:
    """The server reported an error in the stream."""
    return f"{asked.where} broke off the answer: {message}", None


def refused_to_answer(said: str, asked: Asked) -> Fault:
    """The model refused to answer."""
    return f"the model refused to answer: {said}", SAY_IT_DIFFERENTLY


def misbehaved(said: str, asked: Asked) -> Fault:
    """The model did something other than answer, such as call an unknown tool."""
    return f"the model did not do as agreed: {said}", None


def cannot_run(said: str, asked: Asked) -> Fault:
    """The answer contains something that cannot be stored."""
    return f"the agent cannot run: {said}", None
