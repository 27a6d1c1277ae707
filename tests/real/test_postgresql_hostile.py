"""A hostile role: nothing that stands in a database, or is attached to its tables, is run, here or there."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from core.head_office.postgresql import postgresql, psql
from core.head_office.postgresql.postgresql import Loaded, load
from core.head_office.postgresql.postgresql_problems import SchemaProblem
from core.head_office.store.tables import TABLES
from tests.real.postgresql_server import MALLORY, OFFICE, SUPERUSER, Database, held

pytest.importorskip("pyarrow")
pytestmark = pytest.mark.usefixtures("nothing_is_started")

#: What takes rows away: it is another's, and all may use it.
ELSEWHERE = """
CREATE SCHEMA elsewhere;
CREATE TABLE elsewhere.stolen (what text);
CREATE FUNCTION elsewhere.steal() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO elsewhere.stolen VALUES (coalesce(new::text, '')); RETURN new; END $$;
CREATE FUNCTION elsewhere.keep(what text) RETURNS void LANGUAGE sql AS 'INSERT INTO elsewhere.stolen VALUES (what)';
CREATE FUNCTION elsewhere.spy(what text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
    $$ BEGIN PERFORM elsewhere.keep(what); RETURN true; END $$;
CREATE FUNCTION elsewhere.equal(text, bigint) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE FUNCTION elsewhere.today() RETURNS date LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO elsewhere.stolen VALUES ('default'); RETURN current_date; END $$;
GRANT ALL ON SCHEMA elsewhere TO PUBLIC;
GRANT ALL ON ALL TABLES IN SCHEMA elsewhere TO PUBLIC;
"""
#: What is attached, by whom, and how the refusal names it.
ATTACHED = {
    "trigger": (
        "CREATE TRIGGER copy_rows BEFORE INSERT ON fanion.personal FOR EACH ROW EXECUTE FUNCTION elsewhere.steal()",
        "“trigger copy_rows on fanion.personal”",
    ),
    "trigger of a statement, on a table of ours": (
        "CREATE TRIGGER t AFTER INSERT ON fanion.former_file EXECUTE FUNCTION elsewhere.steal()",
        "“trigger t on fanion.former_file”",
    ),
    "trigger that is switched off": (
        "CREATE TRIGGER t AFTER INSERT ON fanion.seals EXECUTE FUNCTION elsewhere.steal();"
        "ALTER TABLE fanion.seals DISABLE TRIGGER t",
        "“trigger t on fanion.seals”",
    ),
    "trigger with a name that speaks": (
        'CREATE TRIGGER "x\n\\! touch pwned\nfanion refuses [""object"",""none"",""""]" BEFORE INSERT'
        " ON fanion.desks FOR EACH ROW EXECUTE FUNCTION elsewhere.steal()",
        "touch pwned",
    ),
    "rule": (
        "CREATE RULE also AS ON INSERT TO fanion.personal DO ALSO INSERT INTO elsewhere.stolen VALUES (new.value)",
        "“rule also on fanion.personal”",
    ),
    "policy": ("CREATE POLICY p ON fanion.personal USING (elsewhere.spy(value))", "“policy p on fanion.personal”"),
    "row level security": (
        "ALTER TABLE fanion.checks ENABLE ROW LEVEL SECURITY",
        "“row level security on table fanion.checks”",
    ),
    "child": (
        "CREATE TABLE elsewhere.child () INHERITS (fanion.personal)",
        "“table elsewhere.child inherits fanion.personal”",
    ),
    "parent": (
        'CREATE TABLE elsewhere.parent (log text COLLATE "C"); ALTER TABLE fanion.desks INHERIT elsewhere.parent',
        "“table fanion.desks inherits elsewhere.parent”",
    ),
    "view in place of a table": (
        "ALTER TABLE fanion.roster RENAME TO theirs; ALTER TABLE fanion.theirs SET SCHEMA elsewhere;"
        "CREATE VIEW fanion.roster AS SELECT * FROM elsewhere.theirs WHERE elsewhere.spy(unit)",
        "“view fanion.roster”",
    ),
    "view in place of the state": (
        "ALTER TABLE fanion.store SET SCHEMA elsewhere;"
        "CREATE VIEW fanion.store AS SELECT * FROM elsewhere.store WHERE elsewhere.spy(id)",
        "“view fanion.store”",
    ),
    "materialized view": ("CREATE MATERIALIZED VIEW fanion.m AS SELECT 1 AS one", "“materialized view fanion.m”"),
    "partitioned table": (
        "DROP TABLE fanion.erased; CREATE TABLE fanion.erased (log text) PARTITION BY LIST (log)",
        "“table fanion.erased”",
    ),
    "typed table": (
        "CREATE TYPE elsewhere.kind AS (log text); DROP TABLE fanion.erased;"
        "CREATE TABLE fanion.erased OF elsewhere.kind",
        "“table fanion.erased”",
    ),
    "another table": ("CREATE TABLE fanion.other (a int)", "“table fanion.other”"),
    "a table whose name speaks": (
        'CREATE TABLE fanion."x\'; DROP SCHEMA fanion CASCADE;\n\\! touch pwned\n\\\\"" $fanion$" (a int)',
        "touch pwned",
    ),
    "function": (
        "CREATE FUNCTION fanion.lower(text) RETURNS text LANGUAGE sql AS 'SELECT 1::text'",
        "“function fanion.lower(pg_catalog.text)”",
    ),
    "operator": (
        "CREATE OPERATOR fanion.= (LEFTARG = text, RIGHTARG = bigint, FUNCTION = elsewhere.equal)",
        "“operator fanion.=(pg_catalog.text,bigint)”",
    ),
    "type": ("CREATE TYPE fanion.mood AS ENUM ('a')", "“type fanion.mood”"),
    "domain": ("CREATE DOMAIN fanion.text AS text CHECK (elsewhere.spy(VALUE))", "“type fanion.text”"),
    "sequence": ("CREATE SEQUENCE fanion.s", "“sequence fanion.s”"),
    "default": (
        "ALTER TABLE fanion.personal ALTER day SET DEFAULT elsewhere.today()",
        "“default value for fanion.personal.day”",
    ),
    "generated column": (
        "ALTER TABLE fanion.desks ADD spied boolean GENERATED ALWAYS AS (elsewhere.spy(log)) STORED",
        "“default value for fanion.desks.spied”",
    ),
    "identity": (
        "ALTER TABLE fanion.desks ADD n integer GENERATED ALWAYS AS IDENTITY",
        "“sequence fanion.desks_n_seq”",
    ),
    "check": (
        "ALTER TABLE fanion.personal ADD CONSTRAINT c CHECK (elsewhere.spy(value))",
        "“table constraint c on fanion.personal”",
    ),
    "unique": ("ALTER TABLE fanion.file ADD CONSTRAINT u UNIQUE (number)", "“table constraint u on fanion.file”"),
    "foreign key": (
        "CREATE TABLE elsewhere.logs (log text UNIQUE);"
        "ALTER TABLE fanion.erased ADD CONSTRAINT f FOREIGN KEY (log) REFERENCES elsewhere.logs (log) NOT VALID",
        "“table constraint f on fanion.erased”",
    ),
    "foreign key by an index": (
        "CREATE UNIQUE INDEX u ON fanion.file (number);"
        "CREATE TABLE elsewhere.mine (n integer, CONSTRAINT f FOREIGN KEY (n) REFERENCES fanion.file (number)"
        " ON DELETE CASCADE)",
        "“table constraint f on elsewhere.mine”",
    ),
    "index that calls": ("CREATE INDEX i ON fanion.personal (elsewhere.spy(value))", "“index fanion.i”"),
    "index of a part": ("CREATE INDEX i ON fanion.personal (seq) WHERE elsewhere.spy(value)", "“index fanion.i”"),
    "statistics": ("CREATE STATISTICS fanion.st ON log, seq FROM fanion.checks", "“statistics object fanion.st”"),
    "statistics that call": (
        "CREATE STATISTICS elsewhere.st ON (elsewhere.spy(value)), seq FROM fanion.personal",
        "“statistics object elsewhere.st”",
    ),
    "publication": ("CREATE PUBLICATION pub FOR TABLE fanion.personal", "in publication pub”"),
    "domain for a column": (
        "CREATE DOMAIN elsewhere.text AS text CHECK (elsewhere.spy(VALUE));"
        "ALTER TABLE fanion.desks ALTER keys TYPE elsewhere.text",
        "“table fanion.desks” in the database has other columns",
    ),
    "another type": ("ALTER TABLE fanion.desks ALTER size TYPE numeric", "“table fanion.desks”"),
    "another collation": ('ALTER TABLE fanion.desks ALTER desk TYPE text COLLATE "und-x-icu"', "“table fanion.desks”"),
    "one column more": ("ALTER TABLE fanion.store ADD more text", "“table fanion.store”"),
    "never null": ("ALTER TABLE fanion.file ALTER path SET NOT NULL", "fanion.file”"),
    "who may make things": (
        "GRANT CREATE ON SCHEMA fanion TO mallory",
        "the role mallory has the privilege “CREATE on s",
    ),
    "all may make things": ("GRANT ALL ON SCHEMA fanion TO PUBLIC", "the role PUBLIC has the privilege “CREATE on"),
    "who may write": ("GRANT INSERT ON fanion.file TO mallory", "“INSERT on table fanion.file”"),
    "who may attach": ("GRANT TRIGGER ON fanion.steps TO mallory", "“TRIGGER on table fanion.steps”"),
    "who may write a column": ("GRANT UPDATE (path) ON fanion.file TO mallory", "“UPDATE on table fanion.file”"),
    "another's schema": (
        "ALTER SCHEMA fanion OWNER TO mallory",
        "“schema fanion” in the database belongs to the role mallory",
    ),
    "another's table": (
        "ALTER TABLE fanion.checks OWNER TO mallory",
        "“table fanion.checks” in the database belongs to the role mall",
    ),
    "another's function": (
        "ALTER FUNCTION fanion.unix_millis OWNER TO mallory",
        "“function fanion.unix_millis(timestamp with time zone)” in the database belongs to the role mallory",
    ),
}


@pytest.fixture
def watched(database: Database) -> Database:
    """A database with another's functions, and a table of what they were given."""
    database.run(ELSEWHERE, SUPERUSER)
    return database


def stolen(database: Database) -> list[dict[str, str]]:
    return database.rows("SELECT what FROM elsewhere.stolen")


def whole(database: Database) -> str:
    """All that is in the schema, and of what it is made."""
    real = [row["t"] for row in database.rows("SELECT tablename AS t FROM pg_tables WHERE schemaname = 'fanion'")]
    return database.psql(
        *("-c", "SELECT c.oid, relname, relkind, relowner, relacl FROM pg_class AS c ORDER BY c.oid"),
        *(word for name in real if name in TABLES for word in ("-c", f"SELECT count(*), max(xmin::text) FROM {name}")),
    )


@pytest.mark.parametrize("attached", ATTACHED)
def test_what_fanion_did_not_make_is_named_and_nothing_is_done(watched: Database, store: Path, attached: str) -> None:
    load(store, watched.place)
    sql, named = ATTACHED[attached]
    watched.run(f"{sql}; TRUNCATE elsewhere.stolen", SUPERUSER)
    before = whole(watched)
    with pytest.raises(SchemaProblem) as refused:
        load(store, watched.place)
    assert named in str(refused.value.sentence)
    assert "\n" not in str(refused.value)
    assert stolen(watched) == []
    assert whole(watched) == before


def test_an_event_trigger_is_named(watched: Database, store: Path) -> None:
    watched.run(
        "CREATE FUNCTION elsewhere.ddl() RETURNS event_trigger LANGUAGE plpgsql AS"
        " $$ BEGIN INSERT INTO elsewhere.stolen VALUES (current_user); END $$;"
        "CREATE EVENT TRIGGER watcher ON ddl_command_end EXECUTE FUNCTION elsewhere.ddl();"
        "TRUNCATE elsewhere.stolen",
        SUPERUSER,
    )
    try:
        with pytest.raises(SchemaProblem, match="“event trigger watcher”"):
            load(store, watched.place)
        assert stolen(watched) == []
    finally:
        watched.run("DROP EVENT TRIGGER watcher", SUPERUSER)
    load(store, watched.place)


@pytest.mark.parametrize("loader", [OFFICE, SUPERUSER])
def test_a_role_that_may_make_a_schema_lays_no_trap(watched: Database, store: Path, loader: str) -> None:
    """Its tables, triggers and names wait for the first load, and all of it is open to the role that loads."""
    load(store, watched.place)
    made = watched.psql("-c", "SELECT relname FROM pg_class WHERE relnamespace = 'fanion'::regnamespace")
    assert "former_file" in made
    watched.run(
        "CREATE TABLE elsewhere.file AS TABLE fanion.file; CREATE TABLE elsewhere.store AS TABLE fanion.store;"
        "CREATE TABLE elsewhere.former_file AS TABLE fanion.former_file; DROP SCHEMA fanion CASCADE;"
        "GRANT ALL ON ALL TABLES IN SCHEMA elsewhere TO PUBLIC",
        SUPERUSER,
    )
    trap = ";".join(
        f"CREATE TABLE fanion.{name} AS TABLE elsewhere.{name};"
        f"CREATE TRIGGER t BEFORE INSERT OR UPDATE OR DELETE ON fanion.{name} EXECUTE FUNCTION elsewhere.steal()"
        for name in ("file", "store", "former_file")
    )
    names = "checks;\n\\! touch pwned\n", "x'; CREATE ROLE pwned SUPERUSER; --/y", "..\\..\\! touch pwned"
    rows = ", ".join(f"({number}, $x${name}$x$, 1)" for number, name in enumerate(names, 900))
    watched.run(
        f"CREATE SCHEMA fanion; INSERT INTO elsewhere.file VALUES {rows}; {trap};"
        f"GRANT ALL ON SCHEMA fanion TO PUBLIC; GRANT ALL ON ALL TABLES IN SCHEMA fanion TO PUBLIC",
        MALLORY,
    )
    with pytest.raises(SchemaProblem, match="“schema fanion” in the database belongs to the role mallory"):
        load(store, watched.place_of(loader))
    assert stolen(watched) == []
    assert watched.rows("SELECT rolname FROM pg_roles WHERE rolname = 'pwned'") == []
    tables = watched.rows("SELECT tablename AS t FROM pg_tables WHERE schemaname = 'fanion' ORDER BY 1")
    assert [row["t"] for row in tables] == ["file", "former_file", "store"], "nothing was made either"


def test_a_member_of_the_owner_is_not_the_owner(watched: Database, store: Path) -> None:
    load(store, watched.place)
    watched.run("ALTER SCHEMA fanion OWNER TO mallory; GRANT mallory TO office", SUPERUSER)
    try:
        with pytest.raises(SchemaProblem, match="Sign in as the owner of the schema fanion"):
            load(store, watched.place)
        with pytest.raises(SchemaProblem, match="belongs to the role mallory"):
            load(store, f"{watched.place} options='-c role=mallory'")
    finally:
        watched.run("REVOKE mallory FROM office", SUPERUSER)


OVERLOADS = """
CREATE FUNCTION public.theirs(text, text) RETURNS boolean LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO elsewhere.stolen VALUES ($1); RETURN true; END $$;
CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = text, FUNCTION = public.theirs);
CREATE OPERATOR public.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = public.theirs);
CREATE FUNCTION public.theirs(integer, integer) RETURNS boolean LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO elsewhere.stolen VALUES ('number'); RETURN true; END $$;
CREATE OPERATOR public.= (LEFTARG = integer, RIGHTARG = integer, FUNCTION = public.theirs);
CREATE FUNCTION public.length(text) RETURNS integer LANGUAGE plpgsql AS
    $$ BEGIN INSERT INTO elsewhere.stolen VALUES ($1); RETURN 64; END $$;
CREATE FUNCTION public.count() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint';
CREATE DOMAIN public.text AS text CHECK (elsewhere.spy(VALUE));
CREATE TABLE public.pg_namespace AS SELECT 1 AS oid; CREATE TABLE public.file (a int);
"""


def test_what_lies_in_another_schema_is_never_looked_at(watched: Database, store: Path) -> None:
    """Not even where the database itself has been told to look there first."""
    watched.run(OVERLOADS, MALLORY)
    watched.run("ALTER DATABASE one SET search_path = public, elsewhere, pg_catalog", SUPERUSER)
    try:
        load(store, watched.place)
        load(store, f"{watched.place} options='-c search_path=public,pg_catalog'")
    finally:
        watched.run("ALTER DATABASE one RESET search_path", SUPERUSER)
    assert stolen(watched) == []
    assert watched.tables() == held(store)
    watched.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT CREATE ON SCHEMA public TO mallory", SUPERUSER)


def test_settings_of_the_database_change_nothing(database: Database, store: Path) -> None:
    settings = {
        "standard_conforming_strings": "off",
        "quote_all_identifiers": "on",
        "datestyle": "'German'",
        "timezone": "'America/St_Johns'",
        "client_encoding": "'LATIN1'",
        "default_transaction_isolation": "'serializable'",
        "row_security": "on",
    }
    database.run("; ".join(f"ALTER DATABASE one SET {name} = {value}" for name, value in settings.items()), SUPERUSER)
    try:
        load(store, f"{database.place} client_encoding=LATIN1")
        loaded = load(store, database.place)
        assert loaded == Loaded(loaded.merge)
    finally:
        database.run("ALTER DATABASE one RESET ALL", SUPERUSER)
    assert database.tables() == held(store)


def test_what_only_reads_may_be_there(watched: Database, store: Path) -> None:
    load(store, watched.place)
    watched.run(
        "GRANT USAGE ON SCHEMA fanion TO mallory; GRANT SELECT ON ALL TABLES IN SCHEMA fanion TO mallory;"
        "GRANT SELECT (log) ON fanion.checks TO PUBLIC; CREATE INDEX ON fanion.checks (verdict);"
        "COMMENT ON TABLE fanion.checks IS 'of Fanion';"
        "ALTER DEFAULT PRIVILEGES IN SCHEMA fanion GRANT SELECT ON TABLES TO mallory",
        OFFICE,
    )
    watched.run("CREATE VIEW elsewhere.red AS SELECT * FROM fanion.checks WHERE verdict = 'red'", MALLORY)
    before = whole(watched)
    loaded = load(store, watched.place)
    assert loaded == Loaded(loaded.merge)
    assert whole(watched) == before
    assert watched.tables() == held(store)


def test_what_new_tables_would_grant_is_seen_before_they_have_a_row(watched: Database, store: Path) -> None:
    watched.run(
        "CREATE SCHEMA fanion; ALTER DEFAULT PRIVILEGES IN SCHEMA fanion GRANT TRIGGER ON TABLES TO mallory", OFFICE
    )
    with pytest.raises(SchemaProblem, match="the role mallory has the privilege “TRIGGER on table fanion"):
        load(store, watched.place)
    assert watched.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'fanion'") == []


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO fanion.file VALUES (9001, E'checks;\\n\\\\! touch pwned\\n', 1)",
        "UPDATE fanion.file SET path = E'checks\\t`touch pwned`' || number",
        "UPDATE fanion.file SET number = NULL",
        "UPDATE fanion.file SET number = 1",
        "UPDATE fanion.file SET number = 2147483647 - number",
        "INSERT INTO fanion.file SELECT * FROM fanion.file",
        "INSERT INTO fanion.store SELECT * FROM fanion.store",
        "UPDATE fanion.store SET merge = NULL",
        "UPDATE fanion.store SET merge = -5, mark = '.', form = E'.\\n.'",
        "DELETE FROM fanion.store",
        "DROP TABLE fanion.personal",
        "DROP TABLE fanion.file",
        "DROP FUNCTION fanion.unix_millis",
    ],
)
def test_what_is_not_as_a_load_leaves_it_is_never_taken_for_words(database: Database, store: Path, sql: str) -> None:
    load(store, database.place)
    database.run(sql, OFFICE)
    load(store, database.place)
    assert database.tables() == held(store)


def test_what_is_said_has_no_value_in_it(monkeypatch: pytest.MonkeyPatch, database: Database, store: Path) -> None:
    """Each statement is a constant: two stores and any database are told the same."""
    given: list[tuple[str, ...]] = []
    started = postgresql.psql

    def noted(place: str, statements: tuple[str, ...]) -> contextlib.AbstractContextManager[psql.Client]:
        given.append(statements)
        return started(place, statements)

    monkeypatch.setattr(postgresql, "psql", noted)
    load(store, database.place)
    load(store, database.place)
    assert given == [postgresql.LOAD] * 2
