"""Systems that are wrong, made from one that is right by taking away one thing after another.

What is right is a state of `stand_in_host.py`. Each change is merged into it; a value that is None
is taken away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.support.stand_in_host import State

FAILS = {"out": "", "err": "Error: something went wrong\n", "rc": 1}
SILENT = {"out": "", "err": "", "rc": 0}
PAGE = [200, "<html>It works!</html>"]


def merged(state: State, change: State) -> dict[str, Any]:
    """Return the state with the change: what has names is replaced by its names."""
    result = dict(state)
    for key, value in change.items():
        old = result.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping) and key != "web":
            result[key] = {**old, **value}
        else:
            result[key] = value
    return result


def derived(state: State, source: str) -> Iterator[tuple[str, State]]:
    """Yield the wrong systems that follow from a right one, for a check of this source."""
    yield from _services(state)
    yield from _files(state, source)
    for name, rules in state.get("programs", {}).items():
        yield from _program(name, rules)
    yield from _absence(source)
    for name in state.get("installed", ()):
        left = [one for one in state["installed"] if one != name]
        yield f"{name} missing", {"installed": left}
        yield f"{name} under another name", {"installed": [*left, f"{name}.rpmsave"]}
        yield f"{name} a directory", {"installed": left, "files": {f"/stand-in/bin/{name}/": ""}}
    for name in state.get("packages", ()):
        left = [one for one in state["packages"] if one != name]
        yield f"package {name} missing", {"packages": left}
    for address in state.get("listening", ()):
        left = [one for one in state["listening"] if one != address]
        yield f"nobody at {address}", {"listening": left}
    yield from _network(state, source)


def _absence(source: str) -> Iterator[tuple[str, State]]:
    for path in re.findall(r'not host\.file\("([^"]+)"\)\.exists', source):
        yield f"{path} left", {"files": {path: "left\n"}}
        yield f"{path} left empty", {"files": {path: ""}}
        yield f"{path} left as a directory", {"files": {f"{path}/": ""}}
    for name in re.findall(r'not host\.exists\("([^"]+)"\)', source):
        for place in ("/usr/bin", "/usr/sbin", "/usr/local/sbin"):
            yield f"{name} left in {place}", {"programs": {f"{place}/{name}": ""}}
    for path in re.findall(r'(?<!not )host\.file\("([^"]+)"\)\.exists', source):
        yield f"{path} under another name", {"files": {path: None, f"{path}.rpmsave": "x"}}
        link = f"mkdir -p $(dirname {path}); ln -sfn /nowhere {path}"
        yield f"{path} a dangling link", {"files": {path: None}, "run": link}


def _services(state: State) -> Iterator[tuple[str, State]]:
    for name, told in state.get("services", {}).items():
        words = {"on": "running enabled", "off": ""}.get(str(told), str(told))
        if "running" in words:
            stopped = words.replace("running", "stopped")
            yield f"{name} stopped", {"services": {name: stopped}}
        if "enabled" in words:
            yield f"{name} disabled", {"services": {name: words.replace("enabled", "disabled")}}
        if "running" in words or "enabled" in words:
            yield f"{name} unknown", {"services": {name: None}}


def _files(state: State, source: str) -> Iterator[tuple[str, State]]:
    for path, told in state.get("files", {}).items():
        said = told if isinstance(told, Mapping) else {"text": told}
        yield f"{path} missing", {"files": {path: None}}
        if said.get("text"):
            yield f"{path} empty", {"files": {path: {**said, "text": ""}}}
            if not str(said["text"]).startswith("#!"):
                page = {**said, "text": "<html>404 Not Found</html>\n"}
                yield f"{path} is a page", {"files": {path: page}}
        if "mode" in said and ".mode" in source:
            yield f"{path} for everybody", {"files": {path: {**said, "mode": 0o644}}}
        if "owner" in said and ("uid" in source or ".user" in source):
            yield f"{path} of root", {"files": {path: {**said, "owner": "0 0 root"}}}


def _program(name: str, rules: Any) -> Iterator[tuple[str, State]]:
    if rules is None:
        return
    told = [{"out": rules}] if isinstance(rules, str) else rules
    told = [told] if isinstance(told, Mapping) else told
    yield f"{name} missing", {"programs": {name: None}}
    yield f"{name} fails", {"programs": {name: [{**one, **FAILS} for one in told]}}
    if any(one.get("out") for one in told):
        yield f"{name} silent", {"programs": {name: [{**one, **SILENT} for one in told]}}
    for number, one in enumerate(told if len(told) > 1 else ()):
        others = [*told[:number], {**one, **FAILS}, *told[number + 1 :]]
        at = f"{one.get('at', '')} {one.get('args', '')}".strip()
        yield f"{name} fails at {at}", {"programs": {name: others}}


def _network(state: State, source: str) -> Iterator[tuple[str, State]]:
    for path, told in state.get("web", {}).items():
        if told is not None:
            for name, other in (("503", [503, "Service Unavailable"]), ("a page", PAGE)):
                yield f"{path} is {name}", {"web": {**state["web"], path: other}}
    if state.get("web"):
        yield "web away", {"authority": "none"}
        if "--cacert" in source or "engine_is_healthy" in source:
            yield "web of another CA", {"authority": "other"}
    if "api" in state:
        yield "api away", {"authority": "none"}
        yield "api of another CA", {"authority": "other"}
        yield "login refused", {"password": "another"}
        for path, xml in state["api"].items():
            root = str(xml).strip().removeprefix("<").split(">")[0].split()[0]
            if str(xml).strip() != f"<{root}/>":
                yield f"{path} empty", {"api": {path: f"<{root}/>"}}
