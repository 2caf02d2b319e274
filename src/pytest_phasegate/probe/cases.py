"""What an item of pytest is a case of: the function that somebody wrote, whatever a library made of it.

The standard library only, Python 3.8 or later: a copy stands alone where a project is only collected.
"""

import inspect


def written(item):
    """Return the function of an item as it was written: under methods, partials, decorators and generated tests.

    ``place_as`` is how pytest is told of it by who makes a test of a function, as ``parameterized`` does.
    """
    function = getattr(item, "obj", None)
    function = getattr(function, "func", function)
    function = getattr(function, "__func__", function)
    function = getattr(function, "place_as", function)
    try:
        return inspect.unwrap(function)
    except ValueError:
        return function


def case_id(item):
    """Return the id of an item as pytest has it; of a generated test, that of a case of the function it was made of.

    ``test_add_0_one`` that ``parameterized`` or ``ddt`` makes of ``test_add`` is ``test_add[0_one]``. What goes by
    another name than it stands under is none of these, nor what was written beside the function it names.
    """
    made, function = getattr(item, "obj", None), written(item)
    called, name = getattr(made, "__name__", None), getattr(function, "__name__", None)
    if not isinstance(called, str) or not isinstance(name, str) or called == name or not called.startswith(name):
        return item.nodeid
    if item.name.partition("[")[0] != called or not item.nodeid.endswith(item.name) or _file(made) == _file(function):
        return item.nodeid
    head, rest = item.nodeid[: -len(item.name)], item.name[len(name) :]
    return "{}{}[{}]".format(head, name, rest.lstrip("_"))


def _file(function):
    return getattr(getattr(function, "__code__", None), "co_filename", None)
