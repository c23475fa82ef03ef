-- Spreads the tables of groupbuy over the nodes of Citus, cell by cell.
-- Run it on the coordinator as the owner, once, after `groupbuy db upgrade`, before shops open.
-- Triggers are refused on distributed tables: that nothing is rewritten rests on grants there.
-- Then set database.distributed = true, so that each transaction says SET LOCAL groupbuy.tenant.
BEGIN;
DROP TRIGGER IF EXISTS audit_append_only ON audit;
DROP TRIGGER IF EXISTS audit_seals_append_only ON audit_seals;
DROP TRIGGER IF EXISTS events_append_only ON events;
DROP TRIGGER IF EXISTS journal_lines_append_only ON journal_lines;
DROP TRIGGER IF EXISTS journals_append_only ON journals;
DROP TRIGGER IF EXISTS stock_moves_append_only ON stock_moves;
SELECT create_reference_table('alembic_version');
SELECT create_reference_table('brands');
SELECT create_reference_table('campaigns');
SELECT create_reference_table('categories');
SELECT create_reference_table('leaders');
SELECT create_reference_table('merchants');
SELECT create_reference_table('pickup_points');
SELECT create_reference_table('products');
SELECT create_reference_table('shelf');
SELECT create_reference_table('tenants');
SELECT create_reference_table('variants');
SELECT create_distributed_table('groups', 'cell', colocate_with => 'none');
SELECT create_distributed_table('addresses', 'cell', colocate_with => 'groups');
SELECT create_distributed_table('audit', 'cell', colocate_with => 'groups');
SELECT create_distributed_table('audit_seals', 'cell', colocate_with => 'groups');
SELECT create_distributed_table('balances', 'cell', colocate_with => 'groups');
SELECT create_distributed_table('commission_entries', 'cell', colocate_with => 'groups');
SELECT create_distributed_table('events', 'cell', colocate_with => 'groups');
SELECT create_distributed_table('idempotency', 'cell', colocate_with => 'groups');
SELECT create_distributed_table('journal_lines', 'cell', colocate_with => 'groups');
SELECT create_distributed_table('journals', 'cell', colocate_with => 'groups');
SELECT create_distributed_table('login_sessions', 'cell', colocate_with => 'groups');
SELECT create_distributed_table('notices', 'cell', colocate_with => 'groups');
SELECT create_distributed_table('order_lines', 'cell', colocate_with => 'groups');
SELECT create_distributed_table('orders', 'cell', colocate_with => 'groups');
SELECT create_distributed_table('payments', 'cell', colocate_with => 'groups');
SELECT create_distributed_table('rate_windows', 'cell', colocate_with => 'groups');
SELECT create_distributed_table('refunds', 'cell', colocate_with => 'groups');
SELECT create_distributed_table('seats', 'cell', colocate_with => 'groups');
SELECT create_distributed_table('shipments', 'cell', colocate_with => 'groups');
SELECT create_distributed_table('statements', 'cell', colocate_with => 'groups');
SELECT create_distributed_table('stock', 'cell', colocate_with => 'groups');
SELECT create_distributed_table('stock_moves', 'cell', colocate_with => 'groups');
SELECT create_distributed_table('tasks', 'cell', colocate_with => 'groups');
SELECT create_distributed_table('users', 'cell', colocate_with => 'groups');
SELECT create_distributed_table('withdrawals', 'cell', colocate_with => 'groups');
COMMIT;
