# Written by scripts/generate.py. Do not edit.
"""Pages of lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar, overload

T = TypeVar("T")


class Page(Sequence[T], Generic[T]):
    """A page of a list: a sequence of its items. `all()` goes on to the items of all pages after it."""

    def __init__(
        self,
        items: Sequence[T],
        next_page_token: str,
        read_next: Callable[[str], Page[T]],
        total_size: int | None = None,
    ) -> None:
        self._items = tuple(items)
        self._read_next = read_next
        #: Token of the next page; empty on the last.
        self.next_page_token = next_page_token
        #: How many items there are on all pages, where the server counts them.
        self.total_size = total_size

    @overload
    def __getitem__(self, place: int) -> T: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[T]: ...

    def __getitem__(self, place: int | slice) -> T | Sequence[T]:
        return self._items[place]

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self._items)!r})"

    def next(self) -> Page[T] | None:
        """The page after this one; None on the last."""
        return self._read_next(self.next_page_token) if self.next_page_token else None

    def all(self) -> Iterator[T]:
        """The items of this page and of all after it, read as they are needed."""
        page: Page[T] | None = self
        while page is not None:
            for item in page:
                yield item
            page = page.next()
