"""The engine for PostgreSQL: the only room that imports psycopg, when a server is first used."""
