"""The examiner's process: it runs setup cells and checks, and no line of the student's.

Names that an answer binds come from the student's process, as copies of plain data or as remotes.
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import Any

from autograder.engine.channel_base import ChannelClosed, Messenger
from autograder.engine.claims import found_errors, raised_here
from autograder.engine.console import Surroundings
from autograder.engine.errors import error_class, stand_in_of, wrapped
from autograder.engine.exception_data import StudentGone, error_from, failure_of_check
from autograder.engine.link import CannotSend, Failed, Link, Refused
from autograder.engine.outputs import Output
from autograder.engine.remote import COMPARING, Remote, checked_about, mark_class, remote
from autograder.engine.returned import Kept
from autograder.engine.seeds import Seeds, advance
from autograder.engine.shell import Run, Shell
from autograder.engine.tracebacks import Trace
from autograder.engine.wire import WireError, update

_MISSING = object()
_JUDGED = {
    "__eq__": "`==`", "__lt__": "`<`", "__le__": "`<=`", "__gt__": "`>`", "__ge__": "`>=`",
    "contains": "`in`", "truth": "truth",
}  # fmt: skip
"""Operations by which an object of the student's decides itself what a check asks."""
_ALWAYS_TRUE = ("builtin_function_or_method", "function", "method", "type")
"""Types whose objects are true, whoever wrote them; a student's class may be called so as well."""


class Examiner:
    """Runs trusted cells; `link` must be called before a cell that needs the student.

    names:   what the answers bind, as the assignment says
    classes: those of them that are classes
    seeds:   what is noticed of the random generators
    """

    def __init__(
        self, shell: Shell, names: Collection[str], classes: Collection[str], seeds: Seeds
    ) -> None:
        self._shell = shell
        self._student_names, self._classes = frozenset(names), frozenset(classes)
        self._link: Link | None = None
        self._channel: Messenger | None = None
        self._remotes: dict[int, Any] = {}
        self._described: set[int] = set()
        self._callables: list[Any] = [None]
        self._given: dict[str, Any] = {}
        self._seeds = seeds
        self.surroundings = Surroundings()
        self._bound: set[str] = set()
        """What the cells so far bind, whether or not they came to their end."""
        self._checks = 0
        self._kept = Kept()
        self._in_place = False
        self._secret = False
        self._traces: dict[int, tuple[BaseException, Trace]] = {}
        self.changed_arguments = False
        self.not_found: set[str] = set()
        self.students_word: set[str] = set()
        """What the student's objects decided themselves, in words: "`==` of Vector"."""
        self.lost = False
        """Whether the student's process was lost, even if the check went on all the same."""
        self.gone = ""
        """Why, where the reason is not its end."""

    def link(self, channel: Messenger) -> None:
        """Talk to another student process from now on."""
        if self._channel is not None:
            self._channel.close()
        self._channel = channel
        self._remotes, self._given = {}, {}
        self.lost, self.gone = False, ""
        self._link = Link(
            channel, trusted=True, opaque=self._handle_of, resolve=self._stand_in,
            answer=self._answer, describe=failure_of_check, hear=self._hear,
        )  # fmt: skip

    def run(
        self,
        source: str,
        label: str,
        pass_on: Callable[[Output], None],
        room: int,
        *,
        in_place: bool,
        needs: tuple[Collection[str], Collection[str], Collection[str]] | None = None,
        sight: Mapping[str, Any] | None = None,
        history: list[str] | None = None,
        secret: bool = False,
    ) -> Run:
        """Run a setup cell or a check.

        in_place: whether arguments that the student's code changed are changed here too
        needs:    the names that it reads, those it does not define, and those it binds (see
                  `names`); None if nobody can tell
        sight:    what else it looks at (see `sight`), as data
        history:  the texts of the cells, this one the last, if it looks at them
        secret:   whether it has hidden tests: then nothing that it binds is passed on
        """
        self._in_place, self.changed_arguments, self.not_found = in_place, False, set()
        self.students_word = set()
        self._traces.clear()
        self._kept.clear()
        self._checks += 1
        self._given = {}
        read, free, bound = map(set, needs or ((), (), ()))
        self._bound |= bound
        self._secret = secret
        try:
            self._take_names(read, free, bound, sight or {})
        except (Exception, StudentGone) as error:  # the student's process ends or lies here too
            return Run(error, self.trace_of_student(error), None, False, 0.0)
        self._seeds.begin()
        self.surroundings.begin(sight or {})
        if history is not None:
            self._shell.names["In"] = ["", *history]
        done = self._shell.run(source, label, pass_on, room)
        with suppress(Exception, StudentGone):  # the next check will tell
            self._pass_on_bindings()
        for name, value in self._given.items():
            if self._shell.names.get(name) is value:
                del self._shell.names[name]
        return done

    def trace_of_student(self, error: BaseException | None) -> Trace | None:
        """The student's own trace, if the exception came out of the student's process."""
        known = self._traces.get(id(error))
        return known[1] if known and known[0] is error else None

    def ask(self, operation: str, handle: int, *operands: object) -> Any:
        """Ask about an object of the student's (see `student.Student`)."""
        self._pass_on_bindings()
        answer = self._within(operation, handle, *operands)
        self._note_judged(operation, handle, operands, answer)
        return answer

    def _note_judged(
        self, operation: str, handle: int, operands: tuple[object, ...], answer: object
    ) -> None:
        """Note what an object of the student's own class has decided itself."""
        name = str(operands[0]) if operation in ("operate", "attribute") else operation
        if operation == "attribute":
            judged = f"`{name}`" if name in COMPARING else ""
        else:
            judged = _JUDGED.get(name, "")
        one = self._remotes.get(handle)
        if not judged or one is None or answer == ():
            return
        kind = one._about["type"]
        by_name = any(value is one for value in self._given.values())
        if operation == "truth" and by_name and kind in _ALWAYS_TRUE:
            return  # `assert f`: whether there is an answer at all
        self.students_word.add(f"{judged} of {kind}")

    def call(self, handle: int, arguments: tuple[Any, ...], keywords: Mapping[str, Any]) -> Any:
        """Call an object of the student's on copies of the arguments."""
        self._pass_on_bindings()
        self._pass_on_seeds()
        link = self._require_link()
        places: dict[Any, Any] = {**dict(enumerate(arguments)), **keywords}
        first: dict[int, Any] = {}  # one object that is given twice is one there, too
        sent = {
            place: link.pack(value) if (at := first.setdefault(id(value), place)) == place else at
            for place, value in places.items()
        }
        packed = [sent[n] for n in range(len(arguments))]
        named = {name: sent[name] for name in keywords}
        answer = self._within("call", handle, packed, named, self._checks)
        try:
            value, changed, globals_, (numbers, later) = answer
            for place, data, is_generator in changed:
                if not is_generator:
                    self.changed_arguments = True
                if self._in_place:
                    update(places[place], link.unpack(data))
                elif is_generator:
                    advance(places[place])
            for name, now in globals_.items():
                self._renew(name, now)
            for number, data in later:
                self._kept.changed(number, link.unpack(data))
            value = self._kept.same(value, numbers) if numbers else value
        except (ValueError, TypeError, KeyError, AttributeError, WireError) as error:
            raise self._lost("its answer makes no sense") from error
        return value

    def _renew(self, name: str, now: Any) -> None:
        """A global of the student's that the check has read was changed by a call."""
        before = self._given.get(name, _MISSING)
        if (
            before is not _MISSING
            and self._shell.names.get(name) is before
            and not update(before, now)
        ):
            self._shell.names[name] = self._given[name] = now

    def _within(self, operation: str, *operands: object) -> Any:
        """Ask for what runs the student's code, in the surroundings that the check has made."""
        changed = self.surroundings.changed(self._shell.names)
        if not changed:
            return self._ask(operation, *operands)
        found = self._ask("within", changed, operation, operands)
        if not (type(found) is tuple and len(found) == 3 and type(found[1]) is tuple):
            raise self._lost("its answer makes no sense")
        self.surroundings.take(found[1], found[2])
        return found[0]

    def _take_names(
        self,
        read: set[str],
        free: set[str],
        bound: set[str],
        sight: Mapping[str, Any],
    ) -> None:
        """Put what the cell needs of the student into the namespace."""
        if self._link is None:
            return
        wanted = read & self._student_names
        if lacking := free - set(self._shell.names) - self._student_names:
            wanted |= lacking - self._bound
        wanted |= set(sight.get("values", ()))
        if sight.get("whole"):
            wanted |= self._all_names() - bound
        answer = self._ask("names", sorted(wanted)) if wanted else ({}, {})
        try:
            found, same = answer
            found = {**found, **{name: found[first] for name, first in same.items()}}
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise self._lost("its answer makes no sense") from error
        for name in sorted(wanted):
            if name in found:
                value = mark_class(found[name]) if name in self._classes else found[name]
                self._shell.names[name] = self._given[name] = value
            else:
                self.not_found.add(name)
                self._shell.names.pop(name, None)

    def _all_names(self) -> set[str]:
        """What a cell sees that looks at the whole notebook: never instead of a trusted name."""
        listed = self._ask("listing")
        if type(listed) is not list or not all(type(name) is str for name in listed):
            raise self._lost("its answer makes no sense")
        trusted = set(self._shell.names) | self._bound
        return (set(listed) | self._student_names) - (trusted - self._student_names)

    def _pass_on_bindings(self) -> None:
        """Tell the student's process which of its names the check has bound anew or deleted."""
        bound, unbound = {}, []
        for name, before in self._given.items():
            now = self._shell.names.get(name, _MISSING)
            if now is before:
                continue
            if now is _MISSING:
                if before is not _MISSING:
                    unbound.append(name)
            elif self._secret:
                pass  # it may be, or compute, what the check expects; the answer keeps its own
            else:
                bound[name] = now
            self._given[name] = now
        for name in list(bound):
            try:
                self._require_link().pack(bound[name])
            except CannotSend:  # an answer that needs it is told that there is none
                del bound[name]
                unbound.append(name)
        if bound or unbound:
            self._ask("bind", bound, unbound)

    def _pass_on_seeds(self) -> None:
        news = self._seeds.news()
        if news:
            self._ask("seed", news)

    def _ask(self, operation: str, *operands: object) -> Any:
        try:
            return self._require_link().ask(operation, *operands)
        except Failed as failed:
            if type(printed := failed.data.get("printed")) is tuple:
                self.surroundings.take(printed, None)
            error, trace = self._error(failed.data)
            self._traces[id(error)] = (error, trace)
            raise error from None
        except ChannelClosed:
            raise self._lost("") from None
        except (WireError, Refused) as error:
            raise self._lost(f"its answer cannot be read: {error}") from None

    def _error(self, data: dict[str, Any]) -> tuple[Exception, Trace]:
        """What came out of the answer; if it is of a class of the student's own, of that class."""
        error, trace = error_from(data, raised_here)
        kind, instance = data.get("class"), data.get("object")
        if isinstance(instance, Remote) and stand_in_of(kind) is not None:
            with suppress(TypeError):  # some cannot be made without arguments of their own
                own = wrapped(kind, instance, data.get("arguments"), trace.text)
                if isinstance(own, Exception):
                    return own, trace
        return error, trace

    def known_error(self, error: object) -> Remote | None:
        """The object behind an exception of the student's own class."""
        return stand_in_of(error)

    def _lost(self, why: str) -> StudentGone:
        """There is no talking to this student process any more."""
        self.lost, self.gone = True, self.gone or why
        if self._channel is not None:
            self._channel.close()
        return StudentGone(self.gone)

    def _require_link(self) -> Link:
        if self._link is None:
            raise StudentGone("there is no student process")
        return self._link

    def _handle_of(self, value: object) -> int | None:
        if isinstance(value, Remote):
            return int(value._handle)
        if (behind := stand_in_of(value)) is not None:
            return int(behind._handle)
        if callable(value):
            for number, known in enumerate(self._callables):
                if known is value and number:
                    return -number
            self._callables.append(value)
            return 1 - len(self._callables)
        return None

    def _hear(self, news: Any) -> None:
        """Take what the student's process says of objects that come next."""
        if type(news) is dict:
            for handle, about in news.items():
                if type(handle) is int and handle > 0 and handle not in self._remotes:
                    self._remotes[handle] = self._made(handle, about)

    def _stand_in(self, handle: int) -> object:
        if handle < 0:
            if -handle < len(self._callables):
                return self._callables[-handle]
            raise WireError("an object that was never sent")
        known = self._remotes.get(handle)
        if known is None:
            if handle in self._described:
                raise WireError("an object that is described by itself")
            self._described.add(handle)
            try:
                about = self._require_link().ask("describe", handle)
            finally:
                self._described.discard(handle)
            known = self._remotes.get(handle)  # it may have been told meanwhile
            if known is None:
                known = self._remotes[handle] = self._made(handle, about)
        return known

    def _made(self, handle: int, said: Any) -> Any:
        """The stand-in for an object: for a class of exceptions a class, else a remote."""
        about = checked_about(said)
        made = remote(self, handle, about)
        if not (about["is_class"] and isinstance(said, dict) and "bases" in said):
            return made
        known = next(found_errors(about["own_classes"]), None)
        if known is not None and known.__name__ == about.get("__name__"):
            return known  # a library's own, which both have
        bases = tuple(
            base
            for each in said.get("bases") or ()
            for base in (
                [each] if isinstance(each, type) else map(raised_here, [*found_errors(each)][:1])
            )
            if issubclass(base, BaseException)
        )
        return error_class(
            made, about.get("__name__", "Error"), bases or (Exception,), about.get("__doc__")
        )

    def _answer(self, operation: str, operands: tuple[Any, ...]) -> Any:
        """The student's code may call what the check gave it to call; nothing else."""
        if operation != "callback" or len(operands) != 3:
            raise Refused(f"there is no operation {operation}")
        handle, arguments, keywords = operands
        if not (type(handle) is int and 0 < -handle < len(self._callables)):
            raise Refused("an object that was never sent")
        if type(arguments) is not tuple or type(keywords) is not dict:
            raise Refused("arguments that are none")
        return self._callables[-handle](*arguments, **keywords)
