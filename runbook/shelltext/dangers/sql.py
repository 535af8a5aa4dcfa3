"""Statements that delete from a database."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from runbook.shelltext.program import Program

SQL_ASKS: Final = re.compile(r"(?:mysql|sqlite|cqlsh\S*)>|MariaDB \[.*\]>|->|\w+[=-][#>]")
"""The prompts of programs that read SQL."""

_SQL: Final = re.compile(
    r"(?i)(?:\A|;|\n)\s*(?:(?P<drop>DROP\s+(?:DATABASE|SCHEMA|KEYSPACE|TABLE|USER|ROLE|VIEW|INDEX"
    r"|TABLESPACE|OWNED|SERIES|MEASUREMENT))"
    r"|(?P<empty>TRUNCATE\b)|(?P<delete>DELETE\s+FROM\b(?![^;]*\bWHERE\b)))"
)
_DOCUMENTS: Final = re.compile(r"(drop\w*|deleteMany|remove)\(")
SQL_CLIENTS: Final = frozenset(
    {"mysql", "mariadb", "psql", "sqlite3", "cqlsh", "influx", "clickhouse-client", "sqlplus"}
    | {"sqlcmd", "isql", "mysqlsh", "mongo", "mongosh", "rethinkdb"}
)


def sql_dangers(text: str) -> Iterator[str]:
    """Yield what the statements in `text` delete."""
    for found in _SQL.finditer(text):
        if found["drop"]:
            yield f"{' '.join(found['drop'].upper().split())} in a database"
        else:
            yield "deletes all rows of a database table"


def client_dangers(program: Program) -> Iterator[str]:
    """Yield what the statements delete that `program`, one of `SQL_CLIENTS`, sends."""
    piped = program.piped_from
    echoed = piped is not None and piped.name in ("echo", "printf")
    for text in (
        *program.arguments,
        *program.inputs,
        *([" ".join(piped.operands)] if piped and echoed else []),
    ):
        statement = text.partition("=")[2] if text.startswith("--") else text
        # An option may be joined to its value.
        yield from sql_dangers(re.sub(r"\A-[A-Za-z]", "", statement))
        if program.name.startswith("mongo") and _DOCUMENTS.search(statement):
            yield "deletes documents of a database"
