"""Destructive commands in disguise: what a shell runs although it does not look like it."""

from __future__ import annotations

import base64
import shlex
from collections.abc import Callable
from random import Random
from typing import Final

DESTRUCTIVE: Final = (
    ("rm", "-rf", "/srv/x"),
    ("rm", "-r", "--force", "/var/lib/data"),
    ("mkfs.ext4", "-F", "/dev/sdb1"),
    ("mkswap", "/dev/sdb2"),
    ("dd", "if=/dev/zero", "of=/dev/sdb"),
    ("wipefs", "-a", "/dev/sdb"),
    ("blkdiscard", "/dev/sdb"),
    ("shred", "-u", "key"),
    ("sgdisk", "-n2:0:+1G", "/dev/sdb"),
    ("parted", "-s", "/dev/sdb", "mklabel", "gpt"),
    ("lvremove", "-f", "vg/lv"),
    ("lvresize", "-L", "-5G", "vg/lv"),
    ("pvcreate", "/dev/sdb"),
    ("zpool", "create", "tank", "sdb"),
    ("zfs", "destroy", "-r", "tank/a"),
    ("mdadm", "--zero-superblock", "/dev/sdb"),
    ("cryptsetup", "luksFormat", "/dev/sdb"),
    ("ceph", "osd", "purge", "3", "--yes-i-really-mean-it"),
    ("lxc", "delete", "--force", "web"),
    ("docker", "compose", "down", "-v"),
    ("docker", "rm", "-f", "web"),
    ("kubectl", "delete", "namespace", "web"),
    ("virsh", "undefine", "vm"),
    ("rsync", "-a", "--delete", "/empty/", "/srv/"),
    ("redis-cli", "flushall"),
    ("openstack", "server", "delete", "web"),
    ("nvme", "format", "/dev/nvme0n1"),
    ("iptables", "-F"),
    ("netplan", "apply"),
    ("reboot",),
    ("userdel", "-r", "bob"),
    ("dropdb", "shop"),
)
PROGRAMS: Final = tuple(sorted({command[0] for command in DESTRUCTIVE}))

Words = tuple[str, ...]


def snippets(count: int, seed: int) -> list[tuple[str, Words]]:
    """Return shell texts, each with the destructive command that it is meant to run."""
    random = Random(seed)  # the same ones each time
    found: list[tuple[str, Words]] = []
    for number in range(count):
        words: Words = DESTRUCTIVE[number % len(DESTRUCTIVE)]
        text = _command(random, words)
        for _ in range(random.choice((0, 1, 1, 2))):
            text = random.choice(AROUND)(random, text)
        found.append((text, words))
    return found


def _command(random: Random, words: Words) -> str:
    if random.random() < 0.3:
        return random.choice(WHOLE)(random, words)
    disguised = [random.choice(WORD)(random, word) for word in words]
    if random.random() < 0.3:
        disguised = [shlex.quote(word) for word in words]
        disguised[random.randrange(len(words))] = random.choice(WORD)(random, words[0])
        place = random.randrange(len(words))
        disguised = [shlex.quote(word) for word in words]
        disguised[place] = random.choice(WORD)(random, words[place])
    return random.choice((" ", "  ", "\t", " \\\n ")).join(disguised)


# One word, written in another way.


def _escaped(random: Random, word: str) -> str:
    return "".join(f"\\{c}" if random.random() < 0.5 else shlex.quote(c) for c in word)


def _pieces(random: Random, word: str) -> str:
    quotes = ("'{}'", '"{}"', "{}", "$'{}'", '$"{}"')
    shown = ""
    while word:
        size = random.randint(1, 3)
        piece, word = word[:size], word[size:]
        shown += random.choice(quotes).format(piece)
    return shown


def _codes(random: Random, word: str) -> str:
    shapes: tuple[Callable[[str], str], ...] = (
        lambda c: f"\\x{ord(c):02x}",
        lambda c: f"\\{ord(c):03o}",
        lambda c: f"\\u{ord(c):04x}",
        lambda c: c,
    )
    return "$'" + "".join(random.choice(shapes)(c) for c in word) + "'"


def _variable(random: Random, word: str) -> str:
    name = random.choice("abxyz") + str(random.randint(1, 99))
    shape = random.choice(("${%s:-%s}", "${%s-%s}", '"${%s:-%s}"', "${%s:=%s}"))
    return shape % (name, word)


def _substituted(random: Random, word: str) -> str:
    quoted = shlex.quote(word)
    backwards = shlex.quote(word[::-1])
    encoded = base64.b64encode(word.encode()).decode()
    return random.choice(
        (
            f"$(echo {quoted})",
            f"`echo {quoted}`",
            f"$(printf %s {quoted})",
            f"$(printf -- '{''.join(f'{chr(92)}{ord(c):03o}' for c in word)}')",
            f"$(echo {encoded} | base64 -d)",
            f"$(rev <<< {backwards})",
            f"$(cat <<< {quoted})",
            f"$(echo {quoted} | cat)",
            f"$(tr a-z n-za-m <<< {shlex.quote(_turned(word))})",
            f'"$(echo "$(echo {quoted})")"',
            f"`echo \\`echo {quoted}\\``",
        )
    )


def _turned(word: str) -> str:
    return "".join(chr((ord(c) - 97 + 13) % 26 + 97) if c.islower() else c for c in word)


def _nothing(random: Random, word: str) -> str:
    place = random.randint(0, len(word))
    nothing = random.choice(("''", '""', "$@", "${none}", "$(true)", "`true`", "\\\n"))
    return f"{word[:place]}{nothing}{word[place:]}"


WORD: Final = (
    _escaped,
    _pieces,
    _codes,
    _variable,
    _substituted,
    _nothing,
    lambda _, word: word,
    lambda _, word: f"{{{word},}}",
    lambda _, word: f'"{word}"',
)

# The whole command, written in another way.


def _assigned(random: Random, words: Words) -> str:
    names = [f"v{number}" for number in range(len(words))]
    values = [shlex.quote(word) for word in words]
    sets = random.choice(("; ", "\n")).join(
        f"{name}={value}" for name, value in zip(names, values, strict=True)
    )
    return sets + "\n" + " ".join(f"${name}" for name in names)


def _added(_: Random, words: Words) -> str:
    name = words[0]
    return f"p={name[:1]}\np+={name[1:]}\n$p {shlex.join(words[1:])}"


def _encoded(_: Random, words: Words) -> str:
    text = base64.b64encode(shlex.join(words).encode()).decode()
    return f"echo {text} | base64 -d | bash"


WHOLE: Final = (
    _assigned,
    _added,
    _encoded,
    lambda _, w: f"c={shlex.quote(' '.join(w))}; $c",
    lambda _, w: f'c={shlex.quote(shlex.join(w))}; eval "$c"',
    lambda _, w: "{" + ",".join(w) + "}" if len(w) > 1 else w[0],
    lambda _, w: f'set -- {shlex.join(w)}; "$@"',
    lambda _, w: f'a=({shlex.join(w)}); "${{a[@]}}"',
    lambda _, w: f'f() {{ "$@"; }}; f {shlex.join(w)}',
    lambda _, w: f'f() {{ {w[0]} "$@"; }}\nf {shlex.join(w[1:])}',
    lambda _, w: f"shopt -s expand_aliases\nalias zz={shlex.quote(w[0])}\nzz {shlex.join(w[1:])}",
    lambda _, w: f"read -r c <<< {shlex.quote(' '.join(w))}; $c",
    lambda _, w: f"while read -r c; do $c; done <<< {shlex.quote(' '.join(w))}",
    lambda _, w: f"for p in true {w[0]}; do $p {shlex.join(w[1:])}; done",
    lambda _, w: f"printf -v p %s {w[0]}; $p {shlex.join(w[1:])}",
    lambda _, w: f"echo {shlex.quote(' '.join(w))} | xargs env",
    lambda _, w: f"echo {shlex.quote(' '.join(w[1:]))} | xargs {w[0]}",
    lambda _, w: f"find / -maxdepth 0 -exec {shlex.join(w)} \\;",
    lambda _, w: f"x='$({shlex.join(w)})'; echo \"${{x@P}}\"" if "'" not in shlex.join(w) else "",
    lambda _, w: f"declare -n r=q; q={w[0]}; $r {shlex.join(w[1:])}",
    lambda _, w: f"x={w[0]}; y=x; ${{!y}} {shlex.join(w[1:])}",
    lambda _, w: f"x={w[0]}zz; ${{x%zz}} {shlex.join(w[1:])}",
    lambda _, w: f"/bin/{w[0][:-1]}? {shlex.join(w[1:])}",
    lambda _, w: f"IFS=,; x={','.join(w)}; $x",
    lambda _, w: f"coproc {shlex.join(w)}; wait",
    lambda _, w: f"hash -p /bin/{w[0]} zz; zz {shlex.join(w[1:])}",
    lambda _, w: f'mapfile -t a <<< {shlex.quote(w[0])}; "${{a[0]}}" {shlex.join(w[1:])}',
)

# Something around a text, in which it runs.


def _heredoc(random: Random, text: str) -> str:
    quote = random.choice(("'", ""))
    if not quote:
        text = text.replace("\\", "\\\\").replace("$", "\\$").replace("`", "\\`")
    start = random.choice(("bash", "cat", "bash -s", "bash /dev/stdin", ". /dev/stdin"))
    end = " | bash" if start == "cat" else ""
    return f"{start} <<{quote}END{quote}{end}\n{text}\nEND"


def _file(random: Random, text: str) -> str:
    name = f"/tmp/f{random.randint(1, 999)}"
    run = random.choice((f"bash {name}", f". {name}", f"chmod +x {name}; {name}", f"bash < {name}"))
    head = "#!/bin/bash\n" if "chmod" in run else ""
    return f"cat > {name} <<'FILE'\n{head}{text}\nFILE\n{run}"


def _quoted(form: str) -> Callable[[Random, str], str]:
    return lambda _, text: form.format(shlex.quote(text))


def _plain(form: str) -> Callable[[Random, str], str]:
    return lambda _, text: form.replace("TEXT", text)


AROUND: Final = (
    _heredoc,
    _file,
    *map(
        _quoted,
        (
            "eval {}",
            "bash -c {}",
            "sh -ec {}",
            "echo {} | bash",
            "printf %s {} | bash",
            "bash <<< {}",
            "bash <(echo {})",
            "bash < <(echo {})",
            ". <(echo {})",
            'x={}; eval "$x"',
            "trap {} EXIT",
            "env bash -c {}",
            "nice -n 5 timeout 5 bash -c {}",
            "exec bash -c {}",
            "echo {} | tee >(bash) > /dev/null; sleep 0.1",
            "f() {{ bash; }}; f <<< {}",
            "{{ bash; }} <<< {}",
            "echo {} | (cat; true) | bash",
            "echo {} | xargs -d '\\n' -I@ bash -c @",
            'PROMPT_COMMAND={}; eval "$PROMPT_COMMAND"',
            "mapfile -c 1 -C {} <<< a",
        ),
    ),
    *map(
        _plain,
        (
            'echo "$(TEXT\n)"',
            "echo `true`; (TEXT\n)",
            "{ TEXT\n}",
            "! { TEXT\n}",
            "time { TEXT\n}",
            "if true; then TEXT\nfi",
            "for i in 1; do TEXT\ndone",
            "case a in a) TEXT\n;; esac",
            "f() { TEXT\n}\nf",
            "function ls { TEXT\n}\nls",
            "greet()\n{\nTEXT\n}\ngreet",
            "cat <<E\n$(TEXT\n)\nE",
            "cat <<E; true\na\nE\nTEXT",
            "cat <<E > /dev/null &\na\nE\nTEXT\nwait",
            "cat <<A - <<B > /dev/null\na\nA\nb\nB\nTEXT",
            "echo $'it\\'s time'; TEXT",
            'echo "a\\"b"; TEXT',
            "echo ${none:-$(TEXT\n)}",
            "echo $(( $(TEXT\necho 1) + 1 ))",
            "[[ -n $(TEXT\n) ]]",
            "a[$(TEXT\necho 0)]=1",
            "true && { TEXT\n}",
            "false || { TEXT\n}",
            "echo a # b\nTEXT",
            "true | { TEXT\n}",
            "cat < <(TEXT\n)",
            "x=$(TEXT\n)",
            "until ! true; do TEXT\nbreak; done",
            "coproc { TEXT\n}; wait",
            "while :; do TEXT\nbreak; done",
            "set -f\nTEXT",
        ),
    ),
)
