"""What every script says when it cannot go on, and the one place that turns it into an exit code.

Messages name the thing, the cause and the next step.
"""

import difflib
import os
import sys

EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130


class BadInput(Exception):
    """What the user gave cannot be used. Scripts end with exit code 2 and this message."""

    def __init__(self, thing, cause, next_step=""):
        self.thing, self.cause, self.next_step = str(thing), cause, next_step
        super().__init__(f"{thing}: {cause}" + (f"; {next_step}" if next_step else ""))


def unknown(kind, name, known):
    """Returns the BadInput for a name that is not one of `known`, with the nearest one that is."""
    known = sorted(str(each) for each in known)
    near = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known) or 'none'}"
    return BadInput(name, f"no such {kind}", hint)


def warn(text):
    print(f"warning: {text}", file=sys.stderr)


def run(main):
    """Calls main(arguments) -> exit code and ends the process with it."""
    program = os.path.basename(sys.argv[0])
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except BadInput as error:
        print(f"{program}: {error}", file=sys.stderr)
        code = EXIT_BAD_INPUT
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except OSError as error:
        print(f"{program}: {error.filename or 'input/output'}: {error.strerror or error}",
              file=sys.stderr)
        code = EXIT_BAD_INPUT
    except KeyboardInterrupt:
        code = EXIT_INTERRUPTED
    sys.exit(code or 0)
