-- The roles of a fresh server, once, by psql as its administrator in the database of the shop.
-- Passwords come from the environment, so that they stand in no file and on no command line.
\set ON_ERROR_STOP on
\getenv owner_password GROUPBUY_OWNER_PASSWORD
\getenv app_password GROUPBUY_APP_PASSWORD
\getenv backup_password GROUPBUY_BACKUP_PASSWORD

-- Owns the tables and migrates them.
CREATE ROLE groupbuy_owner LOGIN PASSWORD :'owner_password';
-- Runs the programs: no superuser, not the owner, bound to one tenant by row-level security.
CREATE ROLE groupbuy_app LOGIN PASSWORD :'app_password';
-- Makes backups: reads everything, changes nothing.
CREATE ROLE groupbuy_backup LOGIN BYPASSRLS PASSWORD :'backup_password' IN ROLE pg_read_all_data;
ALTER ROLE groupbuy_backup SET default_transaction_read_only = on;

SELECT format('ALTER DATABASE %I OWNER TO groupbuy_owner', current_database()) \gexec
SELECT format('REVOKE CONNECT, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database()) \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO groupbuy_app, groupbuy_backup', current_database()) \gexec
