"""Functions that run inside something of their own, and are given it if they have an argument for it."""

import functools
import inspect
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeVar, cast

T = TypeVar("T")


def running_inside(
    function: Callable[..., T], argument: str, make: Callable[[], AbstractContextManager[Any]]
) -> Callable[..., T]:
    """The function, sync or async, inside what `make` makes anew for every call.

    The argument disappears from the signature: pytest would look for a fixture. Raises TypeError for classes.
    """
    if isinstance(function, type):
        raise TypeError(f"{function.__name__}: expected a function; in a class decorate the methods")
    signature = inspect.signature(function)
    wanted = argument in signature.parameters

    def given(context: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
        return {**kwargs, argument: context} if wanted else kwargs

    async def asynchronous(*args: Any, **kwargs: Any) -> Any:
        with make() as context:
            return await cast("Any", function(*args, **given(context, kwargs)))

    def synchronous(*args: Any, **kwargs: Any) -> Any:
        with make() as context:
            return function(*args, **given(context, kwargs))

    wrapper: Any = functools.wraps(function)(
        asynchronous if inspect.iscoroutinefunction(function) else synchronous
    )
    others = [each for name, each in signature.parameters.items() if name != argument]
    wrapper.__signature__ = signature.replace(parameters=others)
    return cast("Callable[..., T]", wrapper)
