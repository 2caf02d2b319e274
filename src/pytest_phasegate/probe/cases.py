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
    """Return the id of an item as pytest has it; of a generated test, that of a case of what was written.

    ``test_add_0_one`` that ``parameterized`` or ``ddt`` makes of ``test_add`` is ``test_add[0_one]``; so is the test of
    a class ``TestSums_0`` that is made of ``TestSums`` one of the latter's.
    """
    name, _, parameters = item.name.partition("[")
    own, base = _own_name(item, name), _own_class(item, name)
    head, made = item.nodeid[: -len(item.name)], "{}::".format(item.cls.__name__) if base else ""
    if not (own or base) or head + item.name != item.nodeid or not head.endswith(made):
        return item.nodeid
    which = [item.cls.__name__[len(base) :] if base else "", name[len(own) :] if own else "", parameters[:-1]]
    place = head[: -len(made)] + base + "::" if base else head
    return "{}{}[{}]".format(place, own or name, "-".join(part.strip("_") for part in which if part))


def _own_name(item, name):
    """Return the name of the function that an item was made of, if it was: by code that stands in another file."""
    function = written(item)
    own = getattr(function, "__name__", None)
    is_made = isinstance(own, str) and own != name and name.startswith(own)
    return own if is_made and _file(item.obj) != _file(function) else ""


def _own_class(item, name):
    """Return the name of the class that the class of an item was made of, if it was: it holds that one's functions."""
    made = getattr(item, "cls", None)
    base = getattr(made, "__base__", None)
    if base is None or name not in vars(made) or not made.__name__.startswith(base.__name__):
        return ""
    owner = getattr(written(item), "__qualname__", "").rpartition(".")[0]
    return base.__name__ if owner == base.__qualname__ != made.__qualname__ else ""


def _file(function):
    return getattr(getattr(function, "__code__", None), "co_filename", None)
