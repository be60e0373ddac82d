-- A company of {deals} orders: each ten of them begins with four that nobody took yet, then three in work and three done. 200 clerks
-- own them, 200 workers do jobs; the customers have conversations, events, messages, timers, links, points and tasks behind them.
ALTER TABLE deals DISABLE TRIGGER USER;
ALTER TABLE conversations DISABLE TRIGGER USER;
ALTER TABLE identities DISABLE TRIGGER USER;
INSERT INTO employees (id, name, role, on_shift) SELECT n, 'Ann ' || n, CASE WHEN n <= 200 THEN 'clerk' WHEN n <= 400 THEN 'worker' WHEN n <= 600 THEN 'floor' ELSE 'manager' END, true
	FROM generate_series(1, 601) n;
INSERT INTO contacts (id, name) SELECT n, 'Bob ' || n FROM generate_series(1, {deals} / 2) n;
INSERT INTO conversations (id, channel, chat, lang) SELECT n, 'telegram', (9000000000 + n)::text, 'en' FROM generate_series(1, 601) n;
INSERT INTO conversations (id, channel, chat, lang, contact_id) SELECT 1000 + n, 'telegram', (1000000000 + n)::text, 'en', n FROM generate_series(1, {deals} / 2) n;
INSERT INTO identities (channel, address, employee_id) SELECT 'telegram', (9000000000 + n)::text, n FROM generate_series(1, 601) n;
INSERT INTO identities (channel, address, contact_id) SELECT 'telegram', (1000000000 + n)::text, n FROM generate_series(1, {deals} / 2) n;
INSERT INTO deals (id, pipeline, stage, status, title, contact_id, conversation_id, owner_id, entered_at, created_at, closed_at, human_at, robot_touches, fields)
	SELECT n, 'orders', (ARRAY['new', 'new', 'new', 'new', 'work', 'work', 'work', 'done', 'done', 'done'])[n % 10 + 1], CASE WHEN n % 10 < 7 THEN 'open' ELSE 'won' END,
		'Order ' || n, 1 + n / 2 % ({deals} / 2), 1001 + n / 2 % ({deals} / 2), 1 + n / 10 % 200, now() - interval '9 days', now() - interval '9 days',
		CASE WHEN n % 10 < 7 THEN NULL ELSE now() - interval '3 days' END, now() - interval '9 days', n % 3, jsonb_build_object('note', 'by the door, No. ' || n)
	FROM generate_series(1, {deals}) n;
INSERT INTO timers (deal_id, kind, rule, stage, since, due_at)
	SELECT n, 'idle', CASE WHEN n % 10 < 4 THEN 'waiting' ELSE 'forgotten' END, CASE WHEN n % 10 < 4 THEN 'new' ELSE 'work' END, now() - interval '9 days',
		now() + make_interval(mins => 600 + n % 5000)
	FROM generate_series(1, {deals}) n WHERE n % 10 < 7;
INSERT INTO timers (deal_id, kind, rule, due_at, status, created_at, fired_at)
	SELECT n, 'remind', 'silent/1', now() - interval '8 days', 'fired', now() - interval '9 days', now() - interval '8 days' FROM generate_series(1, {deals}) n WHERE n % 10 > 3;
INSERT INTO events (at, kind, author, deal_id, data) SELECT now() - interval '9 days', 'deal_opened', 'person', n, '{"pipeline": "orders", "stage": "new"}' FROM generate_series(1, {deals}) n;
INSERT INTO messages (conversation_id, direction, author, kind, status, content, created_at)
	SELECT 1001 + n / 2 % ({deals} / 2), 'in', 'person', 'text', 'received', '{"text": "an order, please"}', now() - interval '9 days' FROM generate_series(1, {deals}) n;
INSERT INTO messages (conversation_id, direction, author, ref, kind, status, card, content, created_at, sent_at)
	SELECT 1 + n / 10 % 200, 'out', 'bot', n::text, 'message', 'sent', 'deal:' || n || ':order', '{"text": "an order", "buttons": []}', now() - interval '9 days', now() - interval '9 days'
	FROM generate_series(1, {deals}) n WHERE n % 10 < 2;
INSERT INTO links (deal_id, other_id, kind, name) SELECT n, n + 1, 'child', 'job' FROM generate_series(1, {deals} - 1) n WHERE n % 10 IN (4, 6, 8);
INSERT INTO points (employee_id, deal_id, points, reason) SELECT 1 + n % 200, n, 1, 'rating.taken' FROM generate_series(1, {deals} / 5) n;
INSERT INTO tasks (deal_id, assignee_id, title, due_at) SELECT n, 1 + n % 200, 'call', now() + make_interval(mins => 600 + n % 5000) FROM generate_series(1, {deals} / 5) n;
ALTER TABLE deals ENABLE TRIGGER USER;
ALTER TABLE conversations ENABLE TRIGGER USER;
ALTER TABLE identities ENABLE TRIGGER USER;
UPDATE employees e SET open_deals = (SELECT count(*) FROM deals WHERE owner_id = e.id AND status = 'open');
SELECT setval('deals_id_seq', (SELECT max(id) FROM deals)), setval('contacts_id_seq', (SELECT max(id) FROM contacts)),
	setval('conversations_id_seq', (SELECT max(id) FROM conversations)), setval('employees_id_seq', 601);
VACUUM ANALYZE
