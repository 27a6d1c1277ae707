"""What is said to PostgreSQL: constants of the program. No value and no name from a store or a database is in them.

Values go as the data of COPY; names are those of :data:`core.head_office.store.tables.TABLES` and of three tables
besides:

    store        one row: which store is loaded, by which form of these tables, up to which merge
    file         the files of the store whose rows are here
    former_file  while a load runs: the files whose rows go; a row without a name stands for all tables, to be made anew

A trigger, a rule, a policy or a default that another role has attached to a table runs with the rights of the role that
loads. So the schema has to be that role's own, with nothing in it or attached to it that is not made here: _check says
the first thing that is otherwise, before anything is read or written. It names only what is in ``pg_catalog``, and so
does all else here: a function or an operator in another schema is never looked at (``search_path``).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final

from core.head_office.store.tables import TABLES

#: Where the tables are in the database.
SCHEMA: Final = "fanion"
#: What a refusal of _check begins with; a JSON array follows: sort, object, role.
REFUSED: Final = "fanion refuses "
#: The last row of an answer. All other answers have other rows: see core.head_office.postgresql.postgresql.
END: Final = "."
_KINDS: Final[Mapping[str, str]] = {
    # Compared byte by byte, as other engines do, whatever the database's language is.
    "string": 'text COLLATE "C"',
    "int64": "bigint",
    "timestamp": "timestamp with time zone",
    "binary": "bytea",
    "bool": "boolean",
    "date32": "date",
}
#: The columns of each table, as CREATE TABLE takes them and as _check reads them back.
_CONTROL: Final[Mapping[str, str]] = {
    "store": '"id" text, "form" text, "merge" bigint, "mark" text',
    "file": '"number" integer, "path" text, "rows" bigint',
    "former_file": '"name" text, "number" integer',
}
_DATA: Final[Mapping[str, str]] = {
    name: ", ".join([*(f'"{column}" {_KINDS[kind]}' for column, kind in columns.items()), '"day" date, "file" integer'])
    for name, columns in TABLES.items()
}
#: Tables of which no row ever goes by itself, and those that questions take by days.
_KEPT: Final = frozenset({"records", "seals"})
_BY_DAY: Final = ("checks", "findings", "steps")
_MARK: Final = 64


def _table(name: str) -> str:
    return f'"{SCHEMA}"."{name}"'


def _check(columns: Mapping[str, str]) -> str:
    """Refuse a schema with anything in it, or attached to it, that is not made here.

    `columns` are the tables whose columns have to be exactly these. In its queries, `content` is all that depends on
    the schema, and `attachment` all that is a part of a table or refers to it by a foreign key. What depends on a table
    otherwise ("n", normal), such as a view in another schema, only reads it: a load does not run it, and it may be
    there. So may the privileges that new tables are to have: those that they then have are looked at.
    """
    names = ", ".join(f"'{name}'" for name in (*_CONTROL, *_DATA))
    exact = ", ".join(f"('{name}', '{text}')" for name, text in columns.items())
    functions = ", ".join(f"('{name}', '{arguments}')" for name, arguments in _SIGNATURES.items())
    return f"""DO $fanion$
DECLARE objection text;
BEGIN
WITH own AS (
    SELECT oid, nspowner AS owner, nspacl AS acl FROM pg_namespace WHERE nspname = '{SCHEMA}'
), loader AS (
    SELECT oid FROM pg_roles WHERE rolname = current_user
), relation AS (
    SELECT c.*, 'table {SCHEMA}.' || c.relname AS label FROM pg_class AS c JOIN own ON c.relnamespace = own.oid
    WHERE c.relname IN ({names}) AND c.relkind = 'r' AND c.relpersistence = 'p' AND c.reloftype = 0
        AND NOT c.relispartition
), function AS (
    SELECT p.oid, p.proowner AS owner FROM pg_proc AS p JOIN own ON p.pronamespace = own.oid
    WHERE (p.proname, oidvectortypes(p.proargtypes)) IN ({functions})
), ownership AS (
    SELECT 'schema {SCHEMA}' AS label, owner FROM own
    UNION ALL SELECT label, relowner FROM relation
    UNION ALL SELECT 'function ' || function.oid::regprocedure, owner FROM function
), privileges AS (
    SELECT 'schema {SCHEMA}' AS label, owner, acl, 'USAGE' AS harmless FROM own
    UNION ALL SELECT label, relowner, relacl, 'SELECT' FROM relation
    UNION ALL SELECT label, relowner, attacl, 'SELECT' FROM relation JOIN pg_attribute ON attrelid = relation.oid
), content AS (
    SELECT d.classid, d.objid FROM pg_depend AS d JOIN own ON d.refobjid = own.oid
    WHERE d.refclassid = 'pg_namespace'::regclass AND d.classid <> 'pg_default_acl'::regclass
        AND NOT (d.classid = 'pg_class'::regclass AND d.objid IN (SELECT oid FROM relation))
        AND NOT (d.classid = 'pg_proc'::regclass AND d.objid IN (SELECT oid FROM function))
), attachment AS (
    SELECT d.classid, d.objid FROM pg_depend AS d JOIN relation ON d.refobjid = relation.oid
    WHERE d.refclassid = 'pg_class'::regclass AND (d.deptype <> 'n' OR d.classid = 'pg_constraint'::regclass)
        AND NOT (d.classid = 'pg_type'::regclass AND d.objid = relation.reltype)
        AND NOT (d.classid = 'pg_class'::regclass AND d.objid = relation.reltoastrelid)
        AND NOT (d.classid = 'pg_class'::regclass AND d.objid IN (
            SELECT i.indexrelid FROM pg_index AS i
            WHERE i.indrelid = relation.oid AND i.indexprs IS NULL AND i.indpred IS NULL))
), layout AS (
    SELECT relation.relname, string_agg(
        '"' || a.attname || '" ' || format_type(a.atttypid, a.atttypmod)
        || CASE WHEN a.attcollation = '"C"'::regcollation THEN ' COLLATE "C"'
            WHEN a.attcollation IN (0, '"default"'::regcollation) THEN '' ELSE ' COLLATE' END
        || CASE WHEN a.attnotnull OR a.atthasdef OR a.attidentity <> '' THEN ' ?' ELSE '' END,
        ', ' ORDER BY a.attnum) AS columns
    FROM relation JOIN pg_attribute AS a ON a.attrelid = relation.oid AND a.attnum > 0 AND NOT a.attisdropped
    GROUP BY relation.relname
), objections AS (
    SELECT 'owner' AS sort, label AS object, pg_get_userbyid(owner)::text AS party FROM ownership
    WHERE owner <> (SELECT oid FROM loader)
    UNION ALL SELECT 'object', 'event trigger ' || quote_ident(evtname), ''
    FROM pg_event_trigger WHERE evtenabled <> 'D'
    UNION ALL SELECT 'object', concat_ws(' ', i.type, i.identity), ''
    FROM (SELECT * FROM content UNION SELECT * FROM attachment) AS o, pg_identify_object(o.classid, o.objid, 0) AS i
    UNION ALL SELECT 'object', 'row level security on ' || label, '' FROM relation
    WHERE relrowsecurity OR relforcerowsecurity
    UNION ALL SELECT 'object', 'table ' || inhrelid::regclass || ' inherits ' || inhparent::regclass, ''
    FROM pg_inherits JOIN relation ON relation.oid IN (inhrelid, inhparent)
    UNION ALL SELECT 'grant', privilege_type || ' on ' || label,
        coalesce(pg_get_userbyid(nullif(grantee, 0)), 'PUBLIC')
    FROM privileges, aclexplode(acl) WHERE grantee <> owner AND privilege_type <> harmless
    UNION ALL SELECT 'columns', 'table {SCHEMA}.' || relname, ''
    FROM layout JOIN (VALUES {exact}) AS exact (name, columns) ON exact.name = relname
    WHERE layout.columns <> exact.columns
)
SELECT json_build_array(sort, object, party) INTO objection FROM objections
ORDER BY array_position(ARRAY['owner', 'object', 'grant', 'columns'], sort), object COLLATE "C", party COLLATE "C"
LIMIT 1;
IF objection IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = '{REFUSED}' || objection;
END IF;
END
$fanion$"""


#: What the questions ask for and PostgreSQL has under other names. What they call is looked up once, here.
_SIGNATURES: Final[Mapping[str, str]] = {
    "unix_millis": "timestamp with time zone",
    "middle": "double precision[]",
    "median": "double precision",
}
_FUNCTIONS: Final = f"""
CREATE OR REPLACE FUNCTION "{SCHEMA}".unix_millis(moment timestamptz) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN extract(epoch FROM moment)::double precision * 1000;
CREATE OR REPLACE FUNCTION "{SCHEMA}".middle(numbers double precision[]) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY number) FROM unnest(numbers) AS number);
CREATE OR REPLACE AGGREGATE "{SCHEMA}".median(double precision) (
    SFUNC = array_append, STYPE = double precision[], FINALFUNC = "{SCHEMA}".middle, INITCOND = '{{}}');"""


def _new_table(name: str) -> str:
    """What makes a table and its indexes."""
    indexed = [*([] if name in _KEPT else ["file"]), *(["day"] if name in _BY_DAY else [])]
    table = f"CREATE TABLE {_table(name)} ({_DATA[name]});"
    return "\n".join([table, *(f'CREATE INDEX ON {_table(name)} ("{column}");' for column in indexed)])


_NEW_TABLES: Final = "\n".join([*map(_new_table, _DATA), _FUNCTIONS])
#: Tells these tables from those that another version of Fanion made.
FORM: Final = hmac.digest(b"", _NEW_TABLES.encode(), "sha256").hex()

#: Whatever else the database, the role or the connection string has set. The role is the one that has signed in.
_SETTINGS: Final = (
    "SET search_path = pg_catalog, pg_temp; SET ROLE NONE; SET row_security = off; SET client_encoding = 'UTF8'; "
    "SET standard_conforming_strings = on; SET quote_all_identifiers = off; SET DateStyle = 'ISO, YMD'; "
    "SET client_min_messages = warning"
)
#: Not IF NOT EXISTS: a schema that another role has made since the check is no schema to go on with.
_CREATE_SCHEMA: Final = f"""DO $fanion$ BEGIN
IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = '{SCHEMA}') THEN CREATE SCHEMA "{SCHEMA}"; END IF;
END $fanion$"""
_ANEW: Final = f"""DO $fanion$ BEGIN
IF EXISTS (SELECT FROM {_table("former_file")} WHERE "name" IS NULL) THEN
DELETE FROM {_table("file")};
DROP TABLE IF EXISTS {", ".join(map(_table, _DATA))};
{_NEW_TABLES}
END IF;
END $fanion$"""
#: Where the data ended before their end, because Fanion was ended, there is no row of the store: nothing is kept.
_WHOLE: Final = f"""DO $fanion$ BEGIN
IF (SELECT count(*) FROM {_table("store")} WHERE length("mark") = {_MARK}) <> 1 THEN
RAISE EXCEPTION 'the data ended before their end';
END IF;
END $fanion$"""


def _remove(name: str) -> str:
    former = f'SELECT "number" FROM {_table("former_file")} WHERE "name" = \'{name}\''
    return f'DELETE FROM {_table(name)} WHERE "file" IN ({former})'


def _copy(name: str) -> str:
    columns = ", ".join(f'"{column}"' for column in (*TABLES[name], "day", "file"))
    return f"COPY {_table(name)} ({columns}) FROM STDIN"


def _lock(names: Mapping[str, str]) -> str:
    """Keep others from attaching anything, and from loading at the same time; they may read."""
    return f"LOCK TABLE {', '.join(map(_table, names))} IN EXCLUSIVE MODE"


_END: Final = f"COPY (SELECT '{END}') TO STDOUT"
#: A load from its beginning to its end; core.head_office.postgresql.postgresql gives each COPY its data and reads
#: each answer.
LOAD: Final = (
    _SETTINGS,
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
    _check(_CONTROL),
    _CREATE_SCHEMA,
    *(f"CREATE TABLE IF NOT EXISTS {_table(name)} ({columns})" for name, columns in _CONTROL.items()),
    _lock(_CONTROL),
    # Which tables are there, what is loaded, of which files.
    f"COPY (SELECT tablename FROM pg_tables WHERE schemaname = '{SCHEMA}') TO STDOUT",
    _END,
    f'COPY (SELECT "id", "form", "merge", "mark" FROM {_table("store")}) TO STDOUT',
    _END,
    f'COPY (SELECT "number", "path" FROM {_table("file")}) TO STDOUT',
    _END,
    # What goes.
    f"DELETE FROM {_table('former_file')}",
    f'COPY {_table("former_file")} ("name", "number") FROM STDIN',
    f"ANALYZE {_table('former_file')}",
    _ANEW,
    _lock({**_CONTROL, **_DATA}),
    _check({**_CONTROL, **_DATA}),
    *map(_remove, _DATA),
    f'DELETE FROM {_table("file")} WHERE "number" IN (SELECT "number" FROM {_table("former_file")})',
    f"DELETE FROM {_table('former_file')}",
    # What is new.
    *map(_copy, _DATA),
    f'COPY {_table("file")} ("number", "path", "rows") FROM STDIN',
    f"DELETE FROM {_table('store')}",
    _END,
    # From here on it may be kept.
    f'COPY {_table("store")} ("id", "form", "merge", "mark") FROM STDIN',
    _WHOLE,
    "COMMIT",
    _END,
    # What went is not kept for older readers.
    f"VACUUM (ANALYZE) {', '.join(map(_table, (*_CONTROL, *_DATA)))}",
)
