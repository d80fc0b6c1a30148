"""Barriers for the ranks of a program that ckpt-run has launched.

    from ckpt_run import init

    group = init()
    group.barrier("loaded")
    mean = group.all_reduce("loss", loss, "sum") / group.world_size
    group.close()

One file for Python 3.8 or newer that needs nothing else: put its directory on PYTHONPATH, or copy it.
"""

import errno
import json
import math
import numbers
import os
import re
import resource
import stat
import sys
import threading
import time
from typing import Any, Callable, Dict, List, Optional, Sequence, Union

__all__ = ["CkptError", "ProcessGroup", "init"]

_ALL_RANKS_MUST_ARRIVE = (
    "All ranks must hit barriers: check for early returns that skip barriers and exceptions that prevent barrier calls"
)
_ONE_PLACE = (
    "Have all ranks call the barrier from one line, or let different programs and branches meet: init(call_sites=False)"
)
_START_A_RANK_ONCE = "Start each rank of an attempt once: check the RANK that every process was given"
_LAUNCH_IT = "Launch its program as the ranks: ckpt-run --nproc-per-node=2 PROGRAM"
_END_IT = "Let the exception end the rank: the others may have passed the barrier"


class CkptError(Exception):
    """What went wrong (`code`), what to do (`hint`), and the ranks that did not come to the barrier (`missing`)."""

    def __init__(self, message: str, code: str, hint: str, missing: Sequence[int] = ()) -> None:
        super().__init__(message, code, hint, missing)
        self.code = code
        self.hint = hint
        self.missing = list(missing)

    def __str__(self) -> str:
        return f"{self.args[0]}. {self.hint}."


def init(timeout: float = 600, call_sites: bool = True) -> "ProcessGroup":
    """Makes the process a member of its run; called once.

    `timeout` is how many seconds a barrier waits for the other ranks, math.inf for ever. Without `call_sites` ranks need
    not call a barrier from the same line of the same file. Raises CkptError: CKPT_USAGE in a process that is no rank.
    """
    _expect("init(): timeout", timeout, "seconds above 0", _is_patience)
    _expect("init(): call_sites", call_sites, "True or False", lambda value: isinstance(value, bool))
    return ProcessGroup(timeout, call_sites)


class ProcessGroup:
    """The ranks of a run, seen from this one.

    Each method that has a name is a barrier: all ranks call it with the same name, in the same order. It raises CkptError
    on all ranks alike: CKPT_BARRIER_TIMEOUT when ranks are missing, CKPT_BARRIER_MISMATCH when they are at different
    barriers; after that no other barrier opens. Threads take turns.

    Used in a `with` statement it is closed at its end, if there was no exception.
    """

    def __init__(self, timeout: float, call_sites: bool) -> None:
        run = os.environ.get("CKPT_RANK_RUN_DIRECTORY", "")
        if run == "":
            raise _no_rank("CKPT_RANK_RUN_DIRECTORY is not set")
        if not os.path.isdir(f"{run}/barriers"):
            raise _no_rank(f"CKPT_RANK_RUN_DIRECTORY={run}: there is no run")
        self.world_size = _number_in("WORLD_SIZE")
        self.rank = _number_in("RANK", self.world_size)
        self.local_world_size = _number_in("LOCAL_WORLD_SIZE")
        self.local_rank = _number_in("LOCAL_RANK", self.local_world_size)
        self.group_rank = _number_in("GROUP_RANK")
        self.attempt = _number_in("TORCHELASTIC_RESTART_COUNT")
        self.run_id = os.environ.get("TORCHELASTIC_RUN_ID", "")
        self._timeout = timeout
        self._call_sites = call_sites
        self._pid = os.getpid()
        self._lock = threading.Lock()
        files = _Files(f"{run}/barriers", self.rank, self._pid, os.uname().nodename)
        self._journal: Optional[_Journal] = _Journal(f"{run}/journal/rank-{self.rank}.jsonl", files.is_local)
        if self._journal.is_new:
            who = {"rank": self.rank, "worldSize": self.world_size, "pid": self._pid, "host": files.host}
            self._journal.append("rank:started", **who, python=sys.version.split()[0])
        self._member = _Member(files, self.world_size, self._journal)

    def barrier(self, name: str, timeout: Optional[float] = None) -> None:
        """Returns when every rank is here."""
        self._meet(name, None, timeout)

    def broadcast(self, name: str, value: Any = None, src: int = 0, timeout: Optional[float] = None) -> Any:
        """Gives every rank the value of the rank `src`; the others need give none. Values are JSON."""
        is_rank = lambda value: isinstance(value, int) and 0 <= value < self.world_size  # noqa: E731
        _expect(f"{name}: src", src, f"a rank from 0 to {self.world_size - 1}", is_rank)
        return self._meet(name, _json_of(name, value) if self.rank == src else None, timeout)[src]

    def all_gather(self, name: str, value: Any, timeout: Optional[float] = None) -> List[Any]:
        """Gives every rank the values of all, in rank order. Values are JSON."""
        return self._meet(name, _json_of(name, value), timeout)

    def all_reduce(
        self, name: str, value: Union[float, bool], reduction: str, timeout: Optional[float] = None
    ) -> Union[float, bool]:
        """Makes one of the values of all: of numbers the "sum", the "min" or the "max", of booleans the "and" or the "or"."""
        if reduction in ("and", "or"):
            _expect(f"{name}: value", value, "True or False", lambda each: isinstance(each, bool))
            flags = self._all_of(name, self._meet(name, value, timeout), lambda each: isinstance(each, bool), "boolean")
            return all(flags) if reduction == "and" else any(flags)
        _expect(f"{name}: reduction", reduction, "sum or min or max or and or or", lambda each: each in _REDUCTIONS)
        _expect(f"{name}: value", value, "a number, as float() makes one", _is_number)
        payloads = self._meet(name, _encoded(value), timeout)
        reduced = _REDUCTIONS[reduction]([float(each) for each in self._all_of(name, payloads, _is_encoded, "number")])
        return int(reduced) if isinstance(value, numbers.Integral) and reduced.is_integer() else reduced

    def close(self) -> None:
        """Says that the rank has reached its end, and comes to no other barrier."""
        if self._journal is None:
            return
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        self._journal.append("rank:finished", peakMemoryBytes=peak)
        self._journal.close()
        self._journal = None

    def __enter__(self) -> "ProcessGroup":
        return self

    def __exit__(self, kind: Any, value: Any, traceback: Any) -> None:
        if kind is None:
            self.close()

    def _meet(self, name: str, payload: Any, timeout: Optional[float]) -> List[Any]:
        _expect("the name of a barrier", name, "a text that is not empty", _is_name)
        _expect(f"{name}: timeout", timeout, "seconds above 0", lambda value: value is None or _is_patience(value))
        if os.getpid() != self._pid:
            message = f"pid {os.getpid()} was forked from pid {self._pid}, which is rank {self.rank}"
            raise CkptError(message, "CKPT_RANK_DUPLICATED", "Meet in the process that has called init()")
        call_site = _call_site() if self._call_sites else None
        with self._lock:
            if self._journal is None:
                raise CkptError(f"{_quoted(name)} comes after close()", "CKPT_USAGE", "Close the group at the end")
            return self._member.meet(name, payload, 1000 * (self._timeout if timeout is None else timeout), call_site)

    def _all_of(self, name: str, payloads: List[Any], accepts: Callable[[Any], bool], kind: str) -> List[Any]:
        others = [rank for rank, payload in enumerate(payloads) if not accepts(payload)]
        if others:
            message = f"ranks disagree about {_quoted(name)}: {_ranks(others)} brought no {kind}"
            raise CkptError(message, "CKPT_BARRIER_MISMATCH", f"Have every rank call all_reduce here, with a {kind}")
        return payloads


class _Member:
    """One rank at the barriers of an attempt, one after the other; docs/protocol.md has the rules."""

    def __init__(self, files: "_Files", world_size: int, journal: "_Journal", now: Callable[[], float] = time.time) -> None:
        self._files = files
        self._world_size = world_size
        self._journal = journal
        self._now = now
        self._aborted: Optional[Dict[str, Any]] = None
        self._left: Optional[str] = None
        self._sequence = self._resume()

    def _resume(self) -> int:
        """The barrier behind the last one at which a process of this rank was."""
        last = max(self._files.own_arrivals(), default=-1)
        if last < 0:
            return 0
        decision = self._files.decision(last)
        if decision is None:
            standing = self._files.arrival(last, self._files.rank)
            raise self._duplicated(standing or {"sequence": last, "name": "", "pid": 0, "host": ""})
        if decision["outcome"] == "abort":
            raise _given_up(decision)
        self._files.remove_own_arrivals(last - 1)
        return last + 1

    def meet(self, name: str, payload: Any, timeout_ms: float, call_site: Optional[str]) -> List[Any]:
        if self._aborted is not None:
            raise _given_up(self._aborted)
        if self._left is not None:
            raise CkptError(f"rank {self._files.rank} has left {self._left} before it opened", "CKPT_USAGE", _END_IT)
        sequence = self._sequence
        self._left = f"barrier #{sequence} {_quoted(name)}"
        started = time.monotonic()
        decision = self._wait(sequence, name, payload, timeout_ms, call_site, started)
        self._left = None
        self._sequence += 1
        if decision["outcome"] == "open":
            waited_ms = round(1000 * (time.monotonic() - started), 3)
            self._journal.append("barrier:passed", sequence=sequence, name=name, waitedMs=waited_ms)
            return list(decision["payloads"])
        reason, missing = decision["reason"], decision["missing"]
        self._aborted = decision
        self._journal.append("barrier:aborted", sequence=sequence, name=name, reason=reason, missing=missing)
        raise _given_up(decision)

    def _wait(
        self, sequence: int, name: str, payload: Any, timeout_ms: float, call_site: Optional[str], started: float
    ) -> Dict[str, Any]:
        files, rank = self._files, self._files.rank
        self._journal.append("barrier:arrived", sequence=sequence, name=name, callSite=call_site)
        own = {
            "sequence": sequence,
            "name": name,
            "fingerprint": _fingerprint(sequence, name, call_site),
            "callSite": call_site,
            "rank": rank,
            "worldSize": self._world_size,
            "pid": files.pid,
            "host": files.host,
            "arrivedAtMs": _number(round(1000 * self._now())),
            "timeoutMs": _number(timeout_ms),
            "payload": payload,
        }
        standing = files.arrive(own)
        if standing is not None:
            raise self._duplicated(standing)
        # Everybody has been at the barrier before this one, and so has passed the one before that.
        files.remove_arrival(sequence - 2)
        arrivals = {rank: own}
        deadline = started + timeout_ms / 1000
        decision = self._take_stock(own, arrivals)
        looks = 0
        pause, longest = files.pace(self._world_size)
        while decision is None:
            left = deadline - time.monotonic()
            time.sleep(pause if left <= 0 else min(pause, left))
            pause = min(1.5 * pause, longest)
            looks += 1
            is_late = time.monotonic() >= deadline
            decision = self._decision_of(own)
            # One rank looks who has arrived, and the others do so now and then: it may be gone.
            if decision is None and (is_late or rank == 0 or looks % 8 == 0):
                decision = self._take_stock(own, arrivals)
            if decision is None and is_late:
                waited_ms = round(1000 * (time.monotonic() - started))
                decision = self._give_up(own, arrivals, "timeout", waited_ms)
        return decision

    def _decision_of(self, own: Dict[str, Any]) -> Optional[Dict[str, Any]]:
        newest = max(self._files.decided(), default=-1)
        if newest < own["sequence"]:
            return None
        decision = self._files.decision(own["sequence"])
        if decision is None and newest > own["sequence"]:
            late = f"rank {own['rank']} arrived at {_at(own)} after the attempt had decided barrier #{newest}"
            raise CkptError(f"{late}: another process has been this rank", "CKPT_RANK_DUPLICATED", _START_A_RANK_ONCE)
        return decision

    def _take_stock(self, own: Dict[str, Any], arrivals: Dict[int, Dict[str, Any]]) -> Optional[Dict[str, Any]]:
        """Looks who has arrived, and decides if ranks disagree or all are there."""
        for rank in self._files.arrived_ranks(own["sequence"]):
            arrival = None if rank in arrivals else self._files.arrival(own["sequence"], rank)
            if arrival is not None:
                arrivals[rank] = arrival
        if not _agree(list(arrivals.values())):
            return self._give_up(own, arrivals, "mismatch", None)
        if len(arrivals) < self._world_size:
            return None
        payloads = [arrivals[rank].get("payload") for rank in sorted(arrivals)]
        return self._decide(own, outcome="open", decidedBy=own["rank"], payloads=payloads)

    def _give_up(
        self, own: Dict[str, Any], arrivals: Dict[int, Dict[str, Any]], reason: str, waited_ms: Optional[int]
    ) -> Optional[Dict[str, Any]]:
        wait = {"timeoutMs": own["timeoutMs"], **({} if waited_ms is None else {"waitedMs": waited_ms})}
        arrived = sorted(arrivals)
        missing = [rank for rank in range(self._world_size) if rank not in arrivals]
        whole = [arrivals[rank] for rank in arrived]
        who = {"arrived": arrived, "missing": missing, **wait, "arrivals": whole}
        return self._decide(own, outcome="abort", reason=reason, decidedBy=own["rank"], **who)

    def _decide(self, own: Dict[str, Any], **more: Any) -> Optional[Dict[str, Any]]:
        """Gives the decision that stands, whoever wrote it."""
        return self._files.decide({"sequence": own["sequence"], "name": own["name"], **more})

    def _duplicated(self, standing: Dict[str, Any]) -> CkptError:
        other = f"pid {standing['pid']} on {standing['host']}"
        message = f"rank {self._files.rank} is already at {_at(standing)} as {other}"
        this = f"this is pid {self._files.pid} on {self._files.host}"
        return CkptError(f"{message}; {this}", "CKPT_RANK_DUPLICATED", _START_A_RANK_ONCE)


class _Files:
    """The files of an attempt's barriers. A file appears together with its content: it is written in `tmp/` and linked."""

    def __init__(self, directory: str, rank: int, pid: int, host: str) -> None:
        self.rank = rank
        self.pid = pid
        self.host = host
        self.is_local = _is_local(directory)
        self._temporary = f"{directory}/tmp/rank-{rank}-{pid}-{host}-{id(self):x}"
        self._decisions = f"{directory}/decisions"
        self._arrivals = [f"{directory}/arrivals-{third}" for third in range(3)]
        present = self._names(directory)
        for path in (f"{directory}/tmp", self._decisions, *self._arrivals):
            if os.path.basename(path) not in present:
                self._make(path)

    def pace(self, world_size: int) -> Sequence[float]:
        """The first and the longest pause between looks, in seconds: together the ranks must not look all the time."""
        if self.is_local:
            return 0.0001, max(0.01, 0.0005 * world_size)
        return min(0.001 * (1 + world_size), 0.05), max(0.25, 0.004 * world_size)

    def arrive(self, arrival: Dict[str, Any]) -> Optional[Dict[str, Any]]:
        """Gives the arrival that stands in the place of this one, if another was first."""
        sequence = arrival["sequence"]
        if self._place(self._arrival_path(sequence, self.rank), arrival):
            return None
        standing = self.arrival(sequence, self.rank)
        # Network file systems repeat a request whose answer was lost, and then refuse what they have done.
        return None if standing == arrival else standing

    def arrival(self, sequence: int, rank: int) -> Optional[Dict[str, Any]]:
        return self._read(self._arrival_path(sequence, rank))

    def arrived_ranks(self, sequence: int) -> List[int]:
        found = (_ARRIVAL.match(name) for name in self._names(self._arrivals[sequence % 3]))
        return sorted(int(each.group(2)) for each in found if each and int(each.group(1)) == sequence)

    def own_arrivals(self) -> List[int]:
        found = (_ARRIVAL.match(name) for path in self._arrivals for name in self._names(path))
        return [int(each.group(1)) for each in found if each and int(each.group(2)) == self.rank]

    def remove_own_arrivals(self, sequence: int) -> None:
        """Those of whichever process of this rank, at barriers up to and including `sequence`."""
        for each in self.own_arrivals():
            if each <= sequence:
                self.remove_arrival(each)

    def remove_arrival(self, sequence: int) -> None:
        self._remove(self._arrival_path(sequence, self.rank))

    def decided(self) -> List[int]:
        """The barriers whose outcome stands: a listing, because network file systems remember that a name was missing."""
        found = (_DECISION.match(name) for name in self._names(self._decisions))
        return [int(each.group(1)) for each in found if each]

    def decision(self, sequence: int) -> Optional[Dict[str, Any]]:
        return self._read(self._decision_path(sequence))

    def decide(self, decision: Dict[str, Any]) -> Optional[Dict[str, Any]]:
        """Gives the decision that stands; None while it cannot be read."""
        sequence = decision["sequence"]
        if not self._place(self._decision_path(sequence), decision):
            return self.decision(sequence)
        if decision["outcome"] == "open" and sequence >= 2:
            self._remove(self._decision_path(sequence - 2))
        return decision

    def _arrival_path(self, sequence: int, rank: int) -> str:
        return f"{self._arrivals[sequence % 3]}/{sequence:06d}-rank-{rank}"

    def _decision_path(self, sequence: int) -> str:
        return f"{self._decisions}/{sequence:06d}.json"

    def _place(self, path: str, content: Dict[str, Any]) -> bool:
        """False when the name is taken."""
        with open(self._temporary, "w", encoding="ascii") as file:
            file.write(f"{json.dumps(content)}\n")
        try:
            os.link(self._temporary, path)
            return True
        except OSError as error:
            if error.errno == errno.EEXIST or self._is_taken(path):
                return False
            raise
        finally:
            self._remove(self._temporary)

    def _is_taken(self, path: str) -> bool:
        """SFTP has one word for all failures."""
        return not self.is_local and os.path.basename(path) in self._names(os.path.dirname(path))

    def _make(self, path: str) -> None:
        try:
            os.mkdir(path)
        except OSError as error:
            if error.errno != errno.EEXIST and not self._is_taken(path):
                raise

    def _names(self, path: str) -> List[str]:
        self._refresh(path)
        try:
            return os.listdir(path)
        except FileNotFoundError:
            return []

    def _read(self, path: str) -> Optional[Dict[str, Any]]:
        self._refresh(path)
        try:
            with open(path, "rb") as file:
                return dict(json.loads(file.read()))
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ESTALE):
                return None
            raise

    def _remove(self, path: str) -> None:
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass

    def _refresh(self, path: str) -> None:
        """Has a network file system forget what it remembers: to set a mode to what it is changes nothing else."""
        if self.is_local:
            return
        try:
            os.chmod(path, stat.S_IMODE(os.lstat(path).st_mode))
        except OSError:
            pass


class _Journal:
    """What the rank did: a JSON line an event, each in one write(2), so that it outlives the process."""

    def __init__(self, path: str, is_local: bool) -> None:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | (0 if is_local else os.O_SYNC)
        self._descriptor = os.open(path, flags, 0o666)
        self._start = ""
        self.is_new = os.fstat(self._descriptor).st_size == 0

    def append(self, kind: str, **fields: Any) -> None:
        event = {"atMs": round(1000 * time.time()), "type": kind, **fields}
        line = f"{self._start}{json.dumps(event)}\n".encode("ascii")
        # What a failed write leaves must not spoil the line after it.
        self._start = "\n"
        while line:
            line = line[os.write(self._descriptor, line) :]
        self._start = ""

    def close(self) -> None:
        os.close(self._descriptor)


_ARRIVAL = re.compile(r"(\d{6,})-rank-(\d+)$")
_DECISION = re.compile(r"(\d{6,})\.json$")

_LOCAL_FILE_SYSTEMS = "ext2 ext3 ext4 xfs btrfs tmpfs ramfs overlay zfs f2fs bcachefs".split()


def _is_local(path: str) -> bool:
    """Whether a file system serves one machine alone; what is not known may be a network's."""
    real = os.path.realpath(path)
    longest, kind = "", ""
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as mounts:
            for fields in (line.split(" ") for line in mounts):
                point = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code.group(1), 8)), fields[4])
                if len(point) >= len(longest) and f"{real}/".startswith(f"{point.rstrip('/')}/"):
                    longest, kind = point, fields[fields.index("-") + 1]
    except OSError:
        return False
    return kind in _LOCAL_FILE_SYSTEMS


def _fingerprint(sequence: int, name: str, call_site: Optional[str]) -> str:
    """What all ranks of a healthy run have in common at a barrier: FNV-1a over UTF-8, 32 bits."""
    digest = 0x811C9DC5
    for byte in f"{sequence}\n{name}\n{call_site or ''}".encode("utf-8"):
        digest = (digest ^ byte) * 0x01000193 & 0xFFFFFFFF
    return f"{digest:08x}"


def _agree(arrivals: List[Dict[str, Any]]) -> bool:
    """Whether ranks are at the same barrier. Who does not say where its program is contradicts no place."""
    first = arrivals[0]
    fingerprints: Dict[bool, str] = {}
    return all(
        each["name"] == first["name"]
        and each["worldSize"] == first["worldSize"]
        and each["fingerprint"] == fingerprints.setdefault(each.get("callSite") is None, each["fingerprint"])
        for each in arrivals
    )


def _given_up(decision: Dict[str, Any]) -> CkptError:
    """What a barrier that was given up raises on every rank."""
    missing, arrivals = decision["missing"], decision["arrivals"]
    if decision["reason"] == "timeout":
        who = f"missing {_ranks(missing)} (arrived: {_ranks(decision['arrived'])})"
        message = f"{_at(decision)} timed out after {_waited(decision)}: {who}"
        return CkptError(message, "CKPT_BARRIER_TIMEOUT", _ALL_RANKS_MUST_ARRIVE, missing)
    is_one_world = len({each["worldSize"] for each in arrivals}) == 1
    is_named_alike = is_one_world and len({each["name"] for each in arrivals}) == 1
    sides: Dict[str, List[int]] = {}
    for each in arrivals:
        line = "" if each.get("callSite") is None else f" ({each['callSite']})"
        world = "" if is_one_world else f" in a world of {each['worldSize']}"
        sides.setdefault(f"{_quoted(each['name'])}{line}{world}", []).append(each["rank"])
    spelled = ", ".join(f"{_ranks(ranks)} at {where}" for where, ranks in sides.items())
    message = f"ranks disagree about barrier #{decision['sequence']}: {spelled}"
    return CkptError(message, "CKPT_BARRIER_MISMATCH", _ONE_PLACE if is_named_alike else _ALL_RANKS_MUST_ARRIVE, missing)


def _waited(decision: Dict[str, Any]) -> str:
    """How long was waited, and the time-out where that is something else."""
    timeout_ms = decision["timeoutMs"]
    waited_ms = decision.get("waitedMs", timeout_ms)
    spell = lambda ms: f"{round(ms / 1000, 2):g} s"  # noqa: E731
    if timeout_ms is None or abs(waited_ms - timeout_ms) > 1000:
        return f"{spell(waited_ms or 0)} (time-out {'none' if timeout_ms is None else spell(timeout_ms)})"
    return spell(timeout_ms)


def _ranks(ranks: Sequence[int]) -> str:
    """Spells them: `rank 1`, `ranks 0-5,7`, `no rank`."""
    runs: List[List[int]] = []
    for rank in sorted(set(ranks)):
        if runs and runs[-1][-1] == rank - 1:
            runs[-1].append(rank)
        else:
            runs.append([rank])
    spelled = ",".join(",".join(map(str, run)) if len(run) < 3 else f"{run[0]}-{run[-1]}" for run in runs)
    return "no rank" if not ranks else f"{'rank' if len(set(ranks)) == 1 else 'ranks'} {spelled}"


def _at(barrier: Dict[str, Any]) -> str:
    return f"barrier #{barrier['sequence']} {_quoted(barrier['name'])}"


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def _call_site() -> Optional[str]:
    """Where the program called this module; None where that is no file."""
    frame = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if frame.f_globals is not globals() and not file.startswith("<"):
            return f"{os.path.abspath(file)}:{frame.f_lineno}"
        frame = frame.f_back
    return None


def _number_in(variable: str, below: int = 2**53 - 1) -> int:
    text = os.environ.get(variable)
    if text is None or not re.fullmatch("[0-9]+", text) or int(text) >= below:
        given = "(unset)" if text is None else text
        raise _no_rank(f"{variable}={given}: expected a whole number from 0 to {below - 1}")
    return int(text)


def _no_rank(why: str) -> CkptError:
    return CkptError(f"this process is no rank: {why}", "CKPT_USAGE", _LAUNCH_IT)


def _expect(what: str, value: Any, words: str, accepts: Callable[[Any], bool]) -> None:
    if not accepts(value):
        raise CkptError(f"{what}: got {repr(value)[:80]}, expected {words}", "CKPT_USAGE", "Mend the call")


def _is_patience(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value.strip() != "" and not any(0xD800 <= ord(each) < 0xE000 for each in value)


# JavaScript has no larger whole numbers.
_LARGEST = 2**53 - 1


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and _is_exact(value)


def _is_exact(value: Any) -> bool:
    return not isinstance(value, numbers.Integral) or abs(int(value)) <= _LARGEST


def _is_json(value: Any) -> bool:
    if value is None or isinstance(value, (bool, str)):
        return True
    if isinstance(value, (int, float)):
        return math.isfinite(value) and _is_exact(value)
    if isinstance(value, list):
        return all(map(_is_json, value))
    return isinstance(value, dict) and all(isinstance(key, str) and _is_json(each) for key, each in value.items())


def _json_of(name: str, value: Any) -> Any:
    _expect(f"{name}: value", value, "what JSON can carry whole, with lists for tuples", _is_json)
    return value


def _number(value: float) -> Union[int, float, None]:
    """As JavaScript writes it; None for infinity."""
    if math.isinf(value):
        return None
    return int(value) if value == int(value) else value


def _encoded(value: Any) -> Union[int, float, str]:
    """A number as JSON can hold it: what is not finite, and negative zero, become words."""
    if isinstance(value, numbers.Integral):
        return int(value)
    plain = float(value)
    if math.isnan(plain):
        return "NaN"
    if math.isinf(plain):
        return "Infinity" if plain > 0 else "-Infinity"
    return "-0" if plain == 0 and math.copysign(1, plain) < 0 else plain


def _is_encoded(value: Any) -> bool:
    return (isinstance(value, (int, float)) and not isinstance(value, bool)) or value in ("NaN", "Infinity", "-Infinity", "-0")


def _sum(values: List[float]) -> float:
    """In rank order, and not as sum() does it from Python 3.12 on: so it is the same on every rank to the last bit."""
    total = 0.0
    for value in values:
        total += value
    return total


def _extreme(pick: Callable[..., float]) -> Callable[[List[float]], float]:
    """NaN if there is one; -0 is less than 0."""
    order = lambda value: (value, math.copysign(1, value))  # noqa: E731
    return lambda values: math.nan if any(map(math.isnan, values)) else pick(values, key=order)


_REDUCTIONS = {"sum": _sum, "min": _extreme(min), "max": _extreme(max)}
