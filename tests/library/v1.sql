-- A library as the first schema left it. It stands for files that people have: never edit it.
PRAGMA application_id = 2002874989;
CREATE TABLE migrations (
        number INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        applied_at TEXT NOT NULL
    );
CREATE TABLE templates (
        id TEXT PRIMARY KEY NOT NULL,
        name TEXT NOT NULL,
        created_at TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        deleted_at TEXT,
        current_version INTEGER NOT NULL,
        FOREIGN KEY (id, current_version) REFERENCES versions (template_id, number)
            DEFERRABLE INITIALLY DEFERRED
    );
CREATE TABLE versions (
        template_id TEXT NOT NULL REFERENCES templates (id),
        number INTEGER NOT NULL CHECK (number >= 1),
        content TEXT NOT NULL,
        content_hash TEXT NOT NULL,
        created_at TEXT NOT NULL,
        PRIMARY KEY (template_id, number)
    );
CREATE TABLE tags (
        template_id TEXT NOT NULL REFERENCES templates (id),
        tag TEXT NOT NULL,
        PRIMARY KEY (template_id, tag)
    ) WITHOUT ROWID;
CREATE TABLE drafts (
        key TEXT PRIMARY KEY NOT NULL,
        content TEXT NOT NULL,
        updated_at TEXT NOT NULL
    );
CREATE TABLE uses (
        id INTEGER PRIMARY KEY,
        template_id TEXT NOT NULL,
        version INTEGER NOT NULL,
        agent TEXT NOT NULL,
        session_id TEXT,
        source TEXT NOT NULL,
        started_at TEXT NOT NULL,
        command TEXT NOT NULL,
        exit_code INTEGER,
        candidates TEXT NOT NULL,
        thumb TEXT CHECK (thumb IN ('good', 'bad')),
        FOREIGN KEY (template_id, version) REFERENCES versions (template_id, number)
    );
CREATE TABLE search_text (
        number INTEGER PRIMARY KEY,
        template_id TEXT NOT NULL UNIQUE REFERENCES templates (id),
        text TEXT NOT NULL
    );
CREATE TABLE search_state (indexed INTEGER NOT NULL CHECK (indexed IN (0, 1)));
CREATE UNIQUE INDEX names_in_use ON templates (name) WHERE deleted_at IS NULL;
CREATE INDEX uses_of_a_template ON uses (template_id);
CREATE INDEX uses_by_session ON uses (session_id);
CREATE TRIGGER versions_never_change BEFORE UPDATE ON versions
    BEGIN SELECT RAISE(ABORT, 'a version never changes'); END;
CREATE TRIGGER versions_never_go BEFORE DELETE ON versions
    BEGIN SELECT RAISE(ABORT, 'a version never goes'); END;
INSERT INTO migrations VALUES (1, 'templates, versions, tags, drafts, uses, search', '2026-11-20T00:00:00.000Z');
INSERT INTO templates VALUES ('t_abcdefgh23', 'Größe', '2026-11-20T00:00:01.000Z', '2026-11-20T00:00:02.000Z', NULL, 2);
INSERT INTO templates VALUES ('t_zzzzzzzz22', 'gone', '2026-11-20T00:00:03.000Z', '2026-11-20T00:00:05.000Z', '2026-11-20T00:00:05.000Z', 1);
INSERT INTO versions VALUES ('t_abcdefgh23', 1, '{"description":"d","masked":[],"seed":{"context_markers":[],"recoveries":[],"system_context":"one","tool_examples":[],"user_patterns":null},"sources":[],"task_type":"code"}', 'ab70eba36167dbe49ccc1008bbf3548934532a93cf9974c3a8a6264030ef2cfc', '2026-11-20T00:00:01.000Z');
INSERT INTO versions VALUES ('t_abcdefgh23', 2, '{"description":"d","masked":[],"seed":{"context_markers":[],"recoveries":[],"system_context":"the walrus","tool_examples":[],"user_patterns":null},"sources":[],"task_type":"code"}', 'd09af919fbe36895024c024ee21f159a59c59c2b3191c99a56ab813b33ba8470', '2026-11-20T00:00:02.000Z');
INSERT INTO versions VALUES ('t_zzzzzzzz22', 1, '{"description":"","masked":[],"seed":{"context_markers":[],"recoveries":[],"system_context":"","tool_examples":[],"user_patterns":null},"sources":[],"task_type":"mixed"}', '5eec644a84e9262d3e25076dff37c3fc582fef580131b3976b7cab6651e022da', '2026-11-20T00:00:03.000Z');
INSERT INTO tags VALUES ('t_abcdefgh23', 'a');
INSERT INTO tags VALUES ('t_abcdefgh23', 'b');
INSERT INTO drafts VALUES ('curate', '{"open": true}', '2026-11-20T00:00:12.000Z');
INSERT INTO uses VALUES (1, 't_abcdefgh23', 1, 'hermes', 's1', '/x/state.db', '2026-11-20T00:00:00.000Z', '["hermes", "chat"]', 0, '[]', 'good');
INSERT INTO uses VALUES (2, 't_abcdefgh23', 2, 'hermes', NULL, '/x/state.db', '2026-11-21T00:00:00.000Z', '["hermes"]', 1, '["s2", "s3"]', NULL);
INSERT INTO search_text VALUES (1, 't_abcdefgh23', 'grösse
a
b
d
the walrus');
INSERT INTO search_text VALUES (2, 't_zzzzzzzz22', 'gone

');
INSERT INTO search_state VALUES (0);
