"""``dataclass``, ``field`` and ``replace`` as the standard library has them, compiled only when used.

A frozen dataclass compiles six methods when its module is imported, and ``dataclasses`` imports ``inspect``: for
the seventy facts that a commit hook imports that was a quarter of its whole process. Here a class compiles
``__init__`` when its first value is made, ``__eq__`` and ``__hash__`` when they are first asked. What ``dataclasses``
keeps about a class is made when one of its functions looks, so that ``dataclasses.replace``, ``fields`` and
``asdict`` work as ever. Type checkers see the standard library's names.

Only what this project uses is here: ``frozen``, ``slots``, ``eq`` and ``order``. Inherited fields, ``InitVar`` and
``ClassVar`` are refused with a ``TypeError``.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

_NEVER_GIVEN = object()


class _Field:
    """What ``field(...)`` leaves in the class body: a default or the maker of one, and where the field counts."""

    __slots__ = ("compare", "default", "default_factory", "repr")

    def __init__(self, default: Any, default_factory: Any, *, repr: bool, compare: bool) -> None:  # noqa: A002 - the standard library's names
        self.default, self.default_factory, self.repr, self.compare = default, default_factory, repr, compare


class _ForDataclasses:
    """What ``dataclasses`` looks for on a class: made by itself, of a twin, when it looks."""

    __slots__ = ("name", "options", "specs")

    def __init__(self, name: str, specs: Mapping[str, _Field], options: dict[str, Any]) -> None:
        self.name, self.specs, self.options = name, specs, options

    def __get__(self, _: object, owner: type) -> Any:
        from dataclasses import MISSING, dataclass, field

        body: dict[str, Any] = {"__annotations__": owner.__annotations__, "__module__": owner.__module__}
        for name, spec in self.specs.items():
            given = {"default": spec.default, "default_factory": spec.default_factory}
            given = {kind: MISSING if value is _NEVER_GIVEN else value for kind, value in given.items()}
            body[name] = field(**given, repr=spec.repr, compare=spec.compare)
        kept = getattr(dataclass(**self.options)(type(owner.__name__, (), body)), self.name)
        setattr(owner, self.name, kept)
        return kept


def _dataclass(
    plain: type | None = None, /, *, frozen: bool = False, slots: bool = False, eq: bool = True, order: bool = False
) -> Any:
    """Make a class of its annotations, as ``dataclasses.dataclass`` does, with options or without."""

    def made(cls: type) -> type:
        _refuse_what_is_unknown(cls)
        names = tuple(cls.__annotations__)
        specs = {name: _spec(cls.__dict__.get(name, _NEVER_GIVEN)) for name in names}
        body = {name: value for name, value in cls.__dict__.items() if name not in {"__dict__", "__weakref__", *names}}
        body["__match_args__"] = names
        if slots:
            body["__slots__"] = names
        options: dict[str, Any] = {"frozen": frozen, "slots": slots, "eq": eq, "order": order}
        for name in ("__dataclass_fields__", "__dataclass_params__"):
            body[name] = _ForDataclasses(name, specs, options)
        fact = type(cls.__name__, cls.__bases__, {**_methods(specs, options), **body})
        _late(fact, "__init__", lambda: _written_init(fact, specs, frozen=frozen))
        compared = tuple(name for name, spec in specs.items() if spec.compare)
        if eq and "__eq__" not in body:
            _late(fact, "__eq__", lambda: _written_equality(compared))
        if eq and frozen and not body.get("__hash__"):
            _late(fact, "__hash__", lambda: _written_hash(compared))
        return fact

    return made if plain is None else made(plain)


def _refuse_what_is_unknown(cls: type) -> None:
    if cls.__bases__ != (object,):
        raise TypeError(f"{cls.__name__} has a base: a fact inherits nothing")
    for name, annotation in cls.__annotations__.items():
        if "ClassVar" in str(annotation) or "InitVar" in str(annotation):
            raise TypeError(f"{cls.__name__}.{name}: a fact knows neither ClassVar nor InitVar")


def _spec(given: Any) -> _Field:
    return given if isinstance(given, _Field) else _Field(given, _NEVER_GIVEN, repr=True, compare=True)


def _methods(specs: Mapping[str, _Field], options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the methods that the options ask for; those that the class has itself go before them."""
    methods: dict[str, Any] = {"__repr__": _repr(tuple(name for name, spec in specs.items() if spec.repr))}
    if options["eq"] and not options["frozen"]:
        methods["__hash__"] = None
    if options["order"]:
        methods |= {f"__{name}__": _comparison(f"__{name}__", tuple(specs)) for name in ("lt", "le", "gt", "ge")}
    if options["frozen"]:
        methods |= {
            "__setattr__": _refuse_assignment,
            "__delattr__": _refuse_deletion,
            "__reduce__": _reduction(tuple(specs)),
        }
    return methods


def _repr(names: tuple[str, ...]) -> Callable[[Any], str]:
    def __repr__(self: Any) -> str:  # noqa: N807 - becomes the method of this name
        told = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{type(self).__qualname__}({told})"

    return __repr__


def _tuple(owner: str, names: tuple[str, ...]) -> str:
    return f"({''.join(f'{owner}.{name}, ' for name in names)})"


def _written_equality(names: tuple[str, ...]) -> Any:
    lines = [
        "if other.__class__ is not self.__class__: return NotImplemented",
        f"return {_tuple('self', names)} == {_tuple('other', names)}",
    ]
    return _written("__eq__", "self, other", lines)


def _written_hash(names: tuple[str, ...]) -> Any:
    return _written("__hash__", "self", [f"return hash({_tuple('self', names)})"])


def _written(name: str, parameters: str, lines: list[str], scope: dict[str, Any] | None = None) -> Any:
    """Compile a method, as the standard library does."""
    known = scope or {}
    exec("\n ".join([f"def {name}({parameters}):", *lines]), known)  # noqa: S102 - of identifiers of our own source
    return known[name]


def _late(fact: Any, name: str, write: Callable[[], Any]) -> None:
    """Give a class a method that at its first call compiles the real one, and puts it in its own place."""

    def method(*args: Any, **kwargs: Any) -> Any:
        written = write()
        setattr(fact, name, written)
        return written(*args, **kwargs)

    setattr(fact, name, method)


def _comparison(method: str, names: tuple[str, ...]) -> Callable[[Any, object], Any]:
    def compare(self: Any, other: object) -> Any:
        if other.__class__ is not self.__class__:
            return NotImplemented
        ours, theirs = (tuple(getattr(one, name) for name in names) for one in (self, other))
        return getattr(ours, method)(theirs)

    return compare


def _reduction(names: tuple[str, ...]) -> Callable[[Any], tuple[type, tuple[Any, ...]]]:
    """Copy and pickle by the constructor: their own way would assign, which a frozen value refuses."""

    def __reduce__(self: Any) -> tuple[type, tuple[Any, ...]]:  # noqa: N807 - becomes the method of this name
        return type(self), tuple(getattr(self, name) for name in names)

    return __reduce__


def _refuse_assignment(_: Any, name: str, value: Any) -> None:  # noqa: ARG001 - the signature of __setattr__
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_deletion(_: Any, name: str) -> None:
    from dataclasses import FrozenInstanceError

    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _written_init(fact: Any, specs: Mapping[str, _Field], *, frozen: bool) -> Any:
    scope: dict[str, Any] = {"_set": object.__setattr__, "_absent": _NEVER_GIVEN}
    parameters, lines = ["self"], ["pass"]
    for name, spec in specs.items():
        parameter, value = _parameter(name, spec, scope)
        parameters.append(parameter)
        lines.append(f"_set(self, {name!r}, {value})" if frozen else f"self.{name} = {value}")
    if hasattr(fact, "__post_init__"):
        lines.append("self.__post_init__()")
    written = _written("__init__", ", ".join(parameters), lines, scope)
    written.__qualname__ = f"{fact.__qualname__}.__init__"
    return written


def _parameter(name: str, spec: _Field, scope: dict[str, Any]) -> tuple[str, str]:
    """Return how a field is declared as a parameter, and the expression of its value; defaults go to the scope."""
    if spec.default_factory is not _NEVER_GIVEN:
        scope[f"_{name}_"] = spec.default_factory
        return f"{name}=_absent", f"_{name}_() if {name} is _absent else {name}"
    if spec.default is _NEVER_GIVEN:
        return name, name
    scope[f"_{name}_"] = spec.default
    return f"{name}=_{name}_", name


def _field(
    *,
    default: Any = _NEVER_GIVEN,
    default_factory: Any = _NEVER_GIVEN,
    repr: bool = True,  # noqa: A002 - the standard library's name
    compare: bool = True,
) -> Any:
    return _Field(default, default_factory, repr=repr, compare=compare)


def _replace(value: Any, /, **changes: Any) -> Any:
    """Return a copy of a value, a fact or a dataclass of the standard library, with some fields changed."""
    kept = {name: getattr(value, name) for name in type(value).__match_args__ if name not in changes}
    return type(value)(**kept, **changes)


if TYPE_CHECKING:
    from dataclasses import dataclass, field, replace
else:
    dataclass, field, replace = _dataclass, _field, _replace

__all__ = ["dataclass", "field", "replace"]
