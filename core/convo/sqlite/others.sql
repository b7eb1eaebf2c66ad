-- Files of other programs.

-- name: tables_of_other
-- Neither views nor virtual tables, which could produce any amount of data.
SELECT name FROM main.sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%';
