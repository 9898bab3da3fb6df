from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from threading import Thread

from stillroom.recipes.link import Door, Link


@contextmanager
def met(*processes: int) -> Iterator[tuple[list[Link], dict[int, Link]]]:
    """The ends of these processes, which come in this order, and the first process's ends, by number."""
    door = Door("127.0.0.1")
    found: dict[int, Link] = {}
    waiting = Thread(target=lambda: found.update(door.links(processes)))
    waiting.start()
    hellos = [{"token": door.token, "process": number} for number in processes]
    with ExitStack() as stack:
        ends = [stack.enter_context(closing(Link.to("127.0.0.1", door.port, hello))) for hello in hellos]
        waiting.join(timeout=20)
        for link in found.values():
            stack.enter_context(closing(link))
        yield ends, found


def test_messages_go_both_ways_in_order() -> None:
    with met(1) as ([other], found):
        found[1].send({"work": "a\nb"})
        found[1].send({"over": True})
        other.send({"failed": "é"})
        assert [other.receive(), other.receive()] == [{"work": "a\nb"}, {"over": True}]
        assert found[1].receive() == {"failed": "é"}


def test_each_process_has_its_own_whoever_came_first() -> None:
    with met(2, 1) as ([second, first], found):
        found[1].send({"to": 1})
        found[2].send({"to": 2})
        assert (first.receive(), second.receive()) == ({"to": 1}, {"to": 2})


def test_a_stranger_is_not_let_in() -> None:
    door = Door("127.0.0.1")
    found: dict[int, Link] = {}
    waiting = Thread(target=lambda: found.update(door.links([1])))
    waiting.start()
    with socket.create_connection(("127.0.0.1", door.port)) as scanner:
        scanner.sendall(b"GET / HTTP/1.1\r\n\r\n")
    with (
        closing(Link.to("127.0.0.1", door.port, {"process": 1, "token": "guessed"})) as stranger,
        closing(Link.to("127.0.0.1", door.port, {"process": 1, "token": door.token})) as friend,
    ):
        waiting.join(timeout=20)
        stranger.send({"failed": "nonsense"})
        friend.send({"mine": True})
        with closing(found[1]) as link:
            assert link.receive() == {"mine": True}


def test_a_message_cut_short_and_an_end_are_the_same() -> None:
    near, far = socket.socketpair()
    far.sendall(b'{"half": ')
    far.close()
    with closing(Link(near)) as link:
        assert link.receive() is None
        link.send({"to": "nobody"})
