"""Budgets of work, counted in steps and never in seconds: what is decided depends on the target and the effort alone.

A step is a pair of terms multiplied, an integrand evaluated at a point, or as much of something else: some ten microseconds. Work
charges its steps to the budget that is open. What is cached is cached with its price, what it costs when nothing else is known;
a budget pays it at the first use, whether it was computed now or before, so that no verdict depends on what was asked earlier.
It is worked out at FLINT's own precision, whatever that of the first who asks: one that needs another sets it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import update_wrapper
from math import inf
from typing import Any, Generic, ParamSpec, TypeVar, overload

from steinlab.theory.errors import InputError
from steinlab.theory.exact.precision import working_precision

FACT_STEPS = 300_000
"""Steps for one fact of a report, times the effort."""
REPORT_STEPS = 1_200_000
"""Steps, at cost, for all facts of a report together, times the effort: some twelve seconds."""
FACT_SHARE = 0.5
"""The share of these that one fact may take: what is asked first must not leave nothing for the others."""
BITS = 53
"""FLINT's own working precision, at which everything is worked out that is kept."""
MAX_DEPTH = 150
"""Most priced functions that wait for each other: reductions that lead to no simpler problem end here."""
_PYTHON_FRAMES = 5_000

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S")


class BudgetExceeded(Exception):
    """More work than the open budget holds."""


class Purse:
    """Steps for many facts together, each of which has its budget beside. It is charged the work that is done.

    So that this does not depend on what was asked earlier, nothing that was kept elsewhere is used where a purse is open.
    `share`: the part that one fact may take.
    """

    def __init__(self, limit: float, effort: int = 1, share: float = 1) -> None:
        self._limit, self._effort, self._spent, self._share = limit * effort, effort, 0.0, share * limit * effort

    def spend(self, steps: float) -> None:
        self._spent += steps

    @property
    def share_ends(self) -> float:
        """What may have been spent when a fact that begins now has taken its share."""
        return self._spent + self._share

    def require_more(self, end: float) -> None:
        """BudgetExceeded where everything is spent, or more than the given end of a share."""
        twice = f"--effort {2 * self._effort} allows twice as many"
        if self._spent > self._limit:
            raise BudgetExceeded(f"all facts together take more than {self._limit:.0f} steps of work; {twice}")
        if self._spent > end:
            raise BudgetExceeded(f"more than {self._share:.0f} steps of work are needed at cost; {twice}")


@dataclass
class _Budget:
    """The steps spent of `limit`, and for what; `depth` priced functions wait for each other now, at most `deepest` so far.

    `at_cost`: work is charged what it takes, as to a purse, and not what a fact is charged for it. `end`: what the purse may have
    spent when the share of the fact is taken.
    """

    limit: float
    effort: int
    purse: Purse | None = None
    at_cost: bool = False
    end: float = inf
    spent: float = 0
    depth: int = 0
    deepest: int = 0
    paid: set[tuple[Kept[Any], Hashable]] = field(default_factory=set)


_open: ContextVar[_Budget | None] = ContextVar("steinlab_budget", default=None)


def charge(steps: float, actual: float | None = None) -> None:
    """Count steps of work. BudgetExceeded where the open budget or the purse of the report does not hold them.

    `actual`: the steps for the purse and for budgets at cost, where work is dearer than what a fact is charged for it.
    """
    budget = _open.get()
    if budget is not None:
        cost = steps if actual is None else actual
        if budget.purse is not None:
            budget.purse.spend(cost)
            if budget.limit < inf:
                budget.purse.require_more(budget.end)
        _take(budget, cost if budget.at_cost else steps)


def _take(budget: _Budget, steps: float) -> None:
    budget.spent += steps
    if budget.spent > budget.limit:
        raise BudgetExceeded(
            f"more than {budget.limit:.0f} steps of work are needed; --effort {2 * budget.effort} allows twice as many"
        )


@contextmanager
def _opened(budget: _Budget) -> Iterator[None]:
    token = _open.set(budget)
    frames = sys.getrecursionlimit()
    sys.setrecursionlimit(max(frames, _PYTHON_FRAMES))
    try:
        yield
    finally:
        _open.reset(token)
        sys.setrecursionlimit(frames)


def attempt(
    work: Callable[[], T],
    otherwise: Callable[[str], T],
    steps: float = FACT_STEPS,
    *,
    effort: int | None = None,
    alone: bool = False,
    at_cost: bool = False,
) -> T:
    """work(), or what `otherwise` makes of the reason where that fails or needs more than `steps` times the effort.

    The effort is that of the attempt around it unless given. The steps are charged to that attempt too, and work that it does not
    hold ends at once; but not for work that stands `alone`: what is kept, so that others find it done, must not cost the first
    who asks.
    """
    outer = _open.get()
    power = effort if effort is not None else outer.effort if outer is not None else 1
    own = steps * power
    room = inf if outer is None or alone else outer.limit - outer.spent
    budget = _inside(outer, min(own, room), power, at_cost)
    with _opened(budget):
        try:
            value = work()
        except (BudgetExceeded, InputError, RecursionError, ArithmeticError) as error:
            value = otherwise(str(error))
    if outer is not None and not alone:
        _take(outer, min(budget.spent, own))
    return value


def _inside(outer: _Budget | None, limit: float, effort: int, at_cost: bool) -> _Budget:
    """A budget inside another, whose purse it shares, at cost where that one is."""
    if outer is None:
        return _Budget(limit, effort, None, at_cost)
    end = min(outer.end, inf if outer.purse is None else outer.purse.share_ends)
    return _Budget(limit, effort, outer.purse, at_cost or outer.at_cost, end)


@contextmanager
def at_effort(effort: int, purse: Purse | None = None) -> Iterator[None]:
    """Work without a budget of its own, whose attempts have their budgets times the effort, and share a purse."""
    with _opened(_Budget(inf, effort, purse)):
        yield


def require_within(work: Callable[[], T], steps: float, message: str) -> T:
    """work(), charged at cost; InputError with the message where it needs more steps."""
    outer = _open.get()
    effort = 1 if outer is None else outer.effort
    with _opened(_inside(outer, steps * effort, effort, at_cost=True)):
        try:
            return work()
        except BudgetExceeded as error:
            raise InputError(f"{message} ({error})") from error


@dataclass(frozen=True)
class _Bought(Generic[T]):
    """A value with its price: the steps that it took and how many priced functions waited for each other."""

    value: T
    steps: float
    depth: int


class Kept(Generic[T]):
    """Values by their keys, the oldest forgotten first, each with its price: the steps that it takes when nothing is known."""

    def __init__(self, most: int = sys.maxsize) -> None:
        self._known: dict[tuple[int, Purse | None, bool, Hashable], _Bought[T]] = {}
        self._most = most

    def get(self, key: Hashable, work: Callable[[], T]) -> T:
        """The value of the key; work() gives it when it is not known."""
        budget = _open.get()
        if budget is None:
            with at_effort(1):
                return self.get(key, work)
        budget.depth += 1
        try:
            before = budget.spent
            found = self._known.get((budget.effort, budget.purse, budget.at_cost, key)) or self._buy(budget, key, work)
            budget.spent = before
            if budget.depth + found.depth > MAX_DEPTH:
                raise BudgetExceeded(f"a reduction led through more than {MAX_DEPTH} others")
            budget.deepest = max(budget.deepest, budget.depth + found.depth)
        finally:
            budget.depth -= 1
        if (self, key) not in budget.paid:
            budget.paid.add((self, key))
            _take(budget, found.steps)
        return found.value

    def _buy(self, budget: _Budget, key: Hashable, work: Callable[[], T]) -> _Bought[T]:
        if budget.depth > MAX_DEPTH:
            raise BudgetExceeded(f"a reduction led through more than {MAX_DEPTH} others")
        before, deepest, paid = budget.spent, budget.deepest, budget.paid
        budget.deepest, budget.paid = budget.depth, set()
        try:
            with working_precision(BITS):
                value = work()
            bought = _Bought(value, budget.spent - before, budget.deepest - budget.depth)
        finally:
            budget.deepest, budget.paid = max(deepest, budget.deepest), paid
        while len(self._known) >= self._most:
            del self._known[next(iter(self._known))]
        self._known[budget.effort, budget.purse, budget.at_cost, key] = bought
        return bought

    def clear(self) -> None:
        self._known.clear()


def _canonical(argument: object) -> object:
    """The argument in the form that does not depend on how it came about, where it has one: equal ones are one key."""
    return getattr(argument, "canonical", argument)


class Priced(Generic[P, T]):
    """A function of positional arguments whose results are kept with their prices."""

    __name__: str
    __doc__: str | None

    def __init__(self, f: Callable[P, T], most: int) -> None:
        self._f = f
        self._kept = Kept[T](most)
        self.cache_clear = self._kept.clear
        update_wrapper(self, f)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        work: Callable[..., T] = self._f
        return self._kept.get((args, tuple(kwargs.items())), lambda: work(*map(_canonical, args), **kwargs))


def priced(most: int) -> Callable[[Callable[P, T]], Priced[P, T]]:
    """A cache, as `lru_cache`, of results with their prices."""
    return lambda f: Priced(f, most)


class PricedProperty(Generic[S, T]):
    """A property, as `cached_property`, with its price."""

    def __init__(self, f: Callable[[S], T]) -> None:
        self._f = f
        self.__doc__ = f.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = f"_priced_{name}"

    @overload
    def __get__(self, instance: None, owner: type) -> PricedProperty[S, T]: ...
    @overload
    def __get__(self, instance: S, owner: type) -> T: ...
    def __get__(self, instance: S | None, owner: type) -> PricedProperty[S, T] | T:
        if instance is None:
            return self
        kept: Kept[T] = instance.__dict__.setdefault(self._name, Kept[T]())
        return kept.get((), lambda: self._f(instance))


class Fact(Generic[S, T]):
    """A property worked out once within a budget of its own, times the effort of its owner."""

    def __init__(self, f: Callable[[S], T], otherwise: Callable[[Any, str], Any]) -> None:
        self._f, self._otherwise = f, otherwise
        self.__doc__ = f.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Fact[S, T]: ...
    @overload
    def __get__(self, instance: S, owner: type) -> T: ...
    def __get__(self, instance: S | None, owner: type) -> Fact[S, T] | T:
        if instance is None:
            return self
        known: dict[Purse | None, T] = instance.__dict__.setdefault(f"_fact_{self._name}", {})
        outer = _open.get()
        purse = None if outer is None else outer.purse
        if purse not in known:
            effort: int = getattr(instance, "effort", 1)
            with working_precision(BITS):
                known[purse] = attempt(
                    lambda: self._f(instance), lambda reason: self._otherwise(instance, reason), effort=effort, alone=True
                )
        return known[purse]


def fact(otherwise: Callable[[Any, str], Any]) -> Callable[[Callable[[S], T]], Fact[S, T]]:
    """A property that `otherwise` gives, from its owner and the reason, where it fails or runs out of its budget.

    >>> class Target:
    ...     effort = 2
    ...     @fact(lambda self, reason: f"undecided: {reason}")
    ...     def rank(self) -> str:
    ...         charge(2 * FACT_STEPS + 1)
    ...         return "3"
    >>> Target().rank
    'undecided: more than 600000 steps of work are needed; --effort 4 allows twice as many'
    """
    return lambda f: Fact(f, otherwise)
