"""Where the program starts: `convo`, and `python -m convo_cli`."""

import gc
import sys


def main() -> int:
    """Run the command line and return its exit code.

    Everything is imported here, so that a Ctrl-C in the first tenths of a second ends quietly too.
    """
    # Commands end before garbage matters; the chat enables collection after its imports.
    gc.disable()
    try:
        if sys.argv[1:2] == ["__complete"]:
            # A shell asks at each TAB: none of what a command needs is imported.
            from convo_cli.completing.answering import main as answer

            return answer(sys.argv[2:])
        from convo_cli.app import run

        return run(sys.argv[1:])
    except KeyboardInterrupt:
        return 130
    finally:
        # At its end Python looks through all objects for garbage, even if collection is disabled:
        # that took a fifth of the time of most commands. The system gets the memory anyway.
        gc.freeze()


if __name__ == "__main__":
    sys.exit(main())
