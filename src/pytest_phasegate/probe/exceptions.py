"""An exception as facts: what is missing, from where, and where it was raised."""

import re

_LONGEST = 400


class Facts:
    """Turns an exception into facts: what is missing, from where, and where it was raised."""

    _NAMED = (
        ("AttributeError", re.compile(r"has no attribute '([^']+)'")),
        ("NameError", re.compile(r"name '([^']+)' is not defined")),
        ("ImportError", re.compile(r"cannot import name '([^']+)'")),
        ("TypeError", re.compile(r"unexpected keyword argument '([^']+)'")),
        ("TypeError", re.compile(r"missing \d+ required (?:positional|keyword-only) arguments?: '([^']+)'")),
    )
    _ASKED = re.compile(r"module '([^']+)'.* has no attribute")
    _CALLED = re.compile(r"^([\w.<>]+)\(\) (?:got an unexpected|got some positional|got multiple values|missing|takes)")
    _BUILT = re.compile(r"^(?:Can't instantiate abstract class|Protocols cannot be instantiated) ?(\w*)")

    def __init__(self, imports):
        self._imports = imports

    def of(self, excinfo):
        """Return the record of what was raised; a collector's wrapping is taken off."""
        exception = excinfo.value
        if type(exception).__name__ in {"CollectError", "ConftestImportFailure"}:
            exception = self.wrapped(exception)
        if type(exception).__name__ in {"MultipleDoctestFailures", "UnexpectedException"}:
            exception = self._of_examples(exception)
        return self.of_exception(exception)

    def of_exception(self, exception):
        """Return the record of an exception with its traceback."""
        types = [cls.__name__ for cls in type(exception).__mro__ if cls not in {object, BaseException}]
        message = self._message(exception)
        record = {"types": types, "message": message[:_LONGEST], "chain": self._chain(exception)}
        record.update(self._missing(exception, types, message))
        record.update(self._place(exception))
        return record

    @staticmethod
    def wrapped(exception):
        """Return the cause a collector or conftest failure wraps (pytest 7 keeps a conftest's as a tuple)."""
        if exception.__cause__ is not None:
            return exception.__cause__
        cause = getattr(exception, "cause", None)
        excinfo = getattr(exception, "excinfo", None)
        inner = excinfo[1] if isinstance(excinfo, tuple) else cause
        return inner if isinstance(inner, BaseException) else exception

    @staticmethod
    def _of_examples(exception):
        """Return why examples fail: by what one shows or raises, and only else for want of a name."""
        failures = getattr(exception, "failures", [exception])
        raised = [getattr(failure, "exc_info", (None, failure))[1] for failure in failures]
        return min(raised, key=lambda one: isinstance(one, (NameError, AttributeError, ImportError)))

    @staticmethod
    def _message(exception):
        """Return the message without running code of the exception's own class."""
        arguments = BaseException.args.__get__(exception)
        return arguments[0] if arguments and isinstance(arguments[0], str) else ""

    @staticmethod
    def _chain(exception):
        names, seen = [], set()
        while exception is not None and id(exception) not in seen and len(names) < 10:  # noqa: PLR2004 - a chain that long says nothing more
            seen.add(id(exception))
            names.append(type(exception).__name__)
            suppressed = exception.__suppress_context__
            exception = exception.__cause__ or (None if suppressed else exception.__context__)
        return names

    def _missing(self, exception, types, message):
        said = next((found.group(1) for kind, pattern in self._NAMED if kind in types
                     for found in [pattern.search(message)] if found), "")  # fmt: skip
        if "FixtureLookupError" in types:
            return {"missing": text_of(getattr(exception, "argname", "")), "module": "", "function": ""}
        if "ModuleNotFoundError" in types:
            return {"missing": text_of(exception.name), "module": "", "function": ""}
        if "ImportError" in types:
            return {"missing": said, "module": text_of(exception.name), "function": ""}
        if "AttributeError" in types:
            asked = self._ASKED.search(message)
            said = said or text_of(getattr(exception, "name", ""))
            return {"missing": said, "module": asked.group(1) if asked else "", "function": ""}
        called = (self._CALLED.search(message) or self._BUILT.search(message)) if "TypeError" in types else None
        return {"missing": said, "module": "", "function": called.group(1) if called else ""}

    def _place(self, exception):
        """Return the deepest frame inside the scratch tree, and whether deeper ones were elsewhere."""
        place = {"path": "", "line": 0, "outside": True}
        if isinstance(exception, SyntaxError) and isinstance(exception.filename, str):
            path = self._imports.relative(exception.filename)
            if path:
                return {"path": path, "line": exception.lineno or 0, "outside": False}
        trace = exception.__traceback__
        while trace is not None:
            path = self._imports.relative(trace.tb_frame.f_code.co_filename)
            here = {"path": path, "line": trace.tb_lineno, "outside": False}
            place = here if path else dict(place, outside=True)
            trace = trace.tb_next
        return place


def text_of(value):
    """Return a text as it is, and nothing for what is none."""
    return value if isinstance(value, str) else ""
