-- The floors: what a measurement stores, row by row in the same tables with their indexes, checks and triggers, written by one call each.
-- Nothing is read, decided or rendered; who gets a job is given.
DROP SCHEMA IF EXISTS govorun_floor CASCADE;
CREATE SCHEMA govorun_floor;
-- The order pressed by its owner, in whose talk this happens; the job goes to a worker, in whose talk they hear of it.
CREATE FUNCTION govorun_floor.press(which bigint, clerk bigint, worker bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	came bigint; job bigint; task bigint; alarm bigint; who bigint; talk bigint;
BEGIN
	PERFORM FROM conversations WHERE id = clerk FOR UPDATE;
	INSERT INTO messages (conversation_id, direction, author, ref, kind, status, content)
		VALUES (clerk, 'in', 'person', 'f:' || which, 'press', 'received', jsonb_build_object('key', 'f:' || which, 'from', jsonb_build_object('id', '9000000002'), 'kind', 'press',
			'press', jsonb_build_object('data', 'k:' || which || ':order:take', 'message', which), 'address', '{"chat": "9000000002", "channel": "telegram"}'::jsonb, 'sent_at', now()))
		RETURNING id INTO came;
	UPDATE deals SET stage = 'work', fields = fields || '{"state": "taken"}', entered_at = now(), updated_at = now(), human_at = now(), human_touches = human_touches + 1, robot_touches = 4
		WHERE id = which RETURNING contact_id, conversation_id INTO who, talk;
	INSERT INTO deals (pipeline, stage, status, title, contact_id, conversation_id, owner_id, parent_id, fields, robot_touches)
		VALUES ('jobs', 'new', 'open', 'Order ' || which, who, talk, worker, which, '{"note": "by the door, No. 10"}', 2) RETURNING id INTO job;
	INSERT INTO links (deal_id, other_id, kind, name) VALUES (which, job, 'child', 'job');
	INSERT INTO events (at, kind, author, employee_id, conversation_id, message_id, deal_id, data) VALUES
		(now(), 'deal_moved', 'employee', clerk, clerk, came, which, '{"from": "new", "stage": "work", "reason": "", "status": "open"}'),
		(now(), 'deal_opened', 'bot', NULL, clerk, came, job, '{"cause": ["link:job"], "stage": "new", "pipeline": "jobs"}'),
		(now(), 'deal_owned', 'bot', NULL, clerk, came, job, '{"cause": ["link:job", "stage:jobs.new"], "owner": 201}'),
		(now(), 'deal_linked', 'bot', NULL, clerk, came, which, '{"link": "job", "cause": ["link:job"], "other": 2251}'),
		(now(), 'deal_changed', 'bot', NULL, clerk, came, which, '{"cause": ["rule:noted"], "state": "taken"}'),
		(now(), 'rated', 'bot', NULL, clerk, came, which, '{"cause": ["rule:praised"], "points": 1, "reason": "rating.taken", "employee": 2}'),
		(now(), 'task_added', 'bot', NULL, clerk, came, which, '{"role": "manager", "cause": ["rule:planned"], "title": "Call the customer of order No. 10", "assignee": 2}');
	task := nextval('tasks_id_seq');
	alarm := nextval('timers_id_seq');
	INSERT INTO timers (id, deal_id, kind, rule, stage, since, due_at, data, message_id) VALUES
		(nextval('timers_id_seq'), which, 'idle', 'forgotten', 'work', now(), now() + interval '2 days', '{}', came),
		(nextval('timers_id_seq'), job, 'take', 'worker', 'new', now(), now() + interval '1 day', jsonb_build_object('cap', 0, 'city', '', 'head', 'manager', 'pick', 'load', 'role', 'worker',
			'owner', worker, 'skill', '', 'tried', '[]'::jsonb, 'source', '', 'within', '24h0m0s'), came),
		(nextval('timers_id_seq'), which, 'remind', 'silent/1', 'work', now(), now() + interval '1 day', '{"text": "remind.order"}', came),
		(alarm, which, 'task', '', '', NULL, now() + interval '1 day', jsonb_build_object('task', task), came);
	INSERT INTO tasks (id, deal_id, assignee_id, role, title, due_at, points, card, timer_id)
		VALUES (task, which, clerk, 'manager', 'Call the customer of order No. ' || which, now() + interval '1 day', -1, 'order', alarm);
	INSERT INTO points (employee_id, deal_id, points, reason) VALUES (clerk, which, 1, 'rating.taken');
	INSERT INTO messages (conversation_id, direction, author, kind, status, content, cause_id, card, priority) VALUES
		(worker, 'out', 'bot', 'message', 'queued', jsonb_build_object('card', 'deal:' || job || ':job', 'kind', 'message', 'text', E'📥 The deal is yours now.\n\nJob No. 2251: Order 10\n<i>New</i> · 👷 Ann 201',
			'buttons', '[[{"data": "k:2251:job:done", "text": "Done"}]]'::jsonb, 'priority', 1), came, 'deal:' || job || ':job', 1),
		(talk, 'out', 'bot', 'message', 'queued', jsonb_build_object('kind', 'message', 'text', 'Your order No. ' || which || ' is written.', 'priority', 1), came, NULL, 1),
		(clerk, 'out', 'bot', 'message', 'queued', jsonb_build_object('card', 'deal:' || which || ':order', 'kind', 'message', 'text', E'📝 Task until 23.11 06:57: Call the customer of order No. 10\nAll tasks: /tasks\n\nOrder No. 10: Order 10\n<i>In work</i> · 👷 Ann 2',
			'buttons', '[[{"data": "k:10:order:done", "text": "Done"}]]'::jsonb, 'priority', 1), came, 'deal:' || which || ':order', 1),
		(clerk, 'out', 'bot', 'edit', 'queued', jsonb_build_object('kind', 'edit', 'text', E'Order No. 10: Order 10\n<i>In work</i> · 👷 Ann 2', 'target', 2252,
			'buttons', '[[{"data": "k:10:order:done", "text": "Done"}]]'::jsonb), came, NULL, 0);
	UPDATE messages SET content = content || '{"text": "Order No. 10: Order 10\n<i>In work</i> · 👷 Ann 2", "buttons": [[{"data": "k:10:order:done", "text": "Done"}]]}'
		WHERE card = 'deal:' || which || ':order' AND status = 'sent';
END $$;
-- Timers that fire: for orders that nobody took a task, a point and a card for the head; for the others a reminder and the next timer.
CREATE FUNCTION govorun_floor.fire(idle bigint[], remind bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	which bigint; clerk bigint; task bigint; alarm bigint; talk bigint;
BEGIN
	FOREACH which IN ARRAY idle LOOP
		UPDATE timers SET status = 'fired', fired_at = now() WHERE deal_id = which AND kind = 'idle' AND status = 'waiting';
		UPDATE deals SET robot_touches = robot_touches + 2 WHERE id = which RETURNING owner_id INTO clerk;
		task := nextval('tasks_id_seq');
		alarm := nextval('timers_id_seq');
		INSERT INTO timers (id, deal_id, kind, due_at, data) VALUES (alarm, which, 'task', now() + interval '4 hours', jsonb_build_object('task', task));
		INSERT INTO tasks (id, deal_id, assignee_id, role, title, due_at, points, card, timer_id)
			VALUES (task, which, clerk, 'manager', 'Order No. ' || which || ' stands still', now() + interval '4 hours', -1, 'order', alarm);
		INSERT INTO points (employee_id, deal_id, points, reason) VALUES (clerk, which, -1, 'rating.waiting');
		INSERT INTO events (at, kind, author, deal_id, data) VALUES
			(now(), 'task_added', 'bot', which, '{"role": "manager", "cause": ["rule:waiting"], "title": "Order No. 22 stands still", "assignee": 3}'),
			(now(), 'rated', 'bot', which, '{"cause": ["rule:waiting"], "points": -1, "reason": "rating.waiting", "employee": 3}');
		INSERT INTO messages (conversation_id, direction, author, kind, status, content, card, priority) VALUES
			(clerk, 'out', 'bot', 'message', 'queued', jsonb_build_object('card', 'deal:' || which || ':order', 'kind', 'message', 'text', E'📝 Task until 22.11 10:57: Order No. 22 stands still\nAll tasks: /tasks\n\nOrder No. 22: Order 22\n<i>New</i> · 👷 Ann 3',
				'buttons', '[[{"data": "k:22:order:take", "text": "Take"}]]'::jsonb, 'priority', 1), 'deal:' || which || ':order', 1),
			(601, 'out', 'bot', 'message', 'queued', jsonb_build_object('card', 'deal:' || which || ':order', 'kind', 'message', 'text', E'Order No. 22: Order 22\n<i>New</i> · 👷 Ann 3', 'priority', 1), 'deal:' || which || ':order', 1);
	END LOOP;
	FOREACH which IN ARRAY remind LOOP
		UPDATE timers SET status = 'fired', fired_at = now() WHERE deal_id = which AND kind = 'remind' AND status = 'waiting';
		SELECT conversation_id INTO talk FROM deals WHERE id = which;
		INSERT INTO timers (deal_id, kind, rule, step, stage, since, due_at) VALUES (which, 'remind', 'asked/1', 1, 'new', now() - interval '9 days', now() + interval '2 days');
		INSERT INTO messages (conversation_id, direction, author, kind, status, content, priority) VALUES (talk, 'out', 'bot', 'message', 'queued',
			jsonb_build_object('kind', 'message', 'text', 'Your order No. ' || which || ' still waits for a word.', 'priority', 1,
				'buttons', '[[{"data": "q::mute", "text": "🚫 No reminders"}]]'::jsonb), 1);
	END LOOP;
END $$;
-- The last answer of a dialog, in the chat of a contact, that opens a deal for a worker.
CREATE FUNCTION govorun_floor.share(person text, worker bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	came bigint; job bigint; who bigint; talk bigint;
BEGIN
	SELECT id, contact_id INTO talk, who FROM conversations WHERE channel = 'telegram' AND chat = person FOR UPDATE;
	INSERT INTO messages (conversation_id, direction, author, ref, kind, status, content) VALUES (talk, 'in', 'person', 'f:2', 'text', 'received',
		jsonb_build_object('key', 'f:2', 'from', '{"id": "5000000001", "lang": "en", "name": "Bob"}'::jsonb, 'kind', 'text', 'text', 'Kazan', 'address', '{"chat": "5000000001", "channel": "telegram"}'::jsonb,
			'sent_at', now())) RETURNING id INTO came;
	UPDATE contacts SET name = 'Bob Lee', updated_at = now() WHERE id = who;
	INSERT INTO deals (pipeline, stage, status, title, contact_id, conversation_id, owner_id, city, fields, human_at, human_touches, robot_touches)
		VALUES ('jobs', 'new', 'open', 'Bob Lee', who, talk, worker, 'Kazan', '{"city": "Kazan"}', now(), 1, 1) RETURNING id INTO job;
	INSERT INTO events (at, kind, author, conversation_id, message_id, contact_id, deal_id, data) VALUES
		(now(), 'deal_opened', 'person', talk, came, who, job, '{"stage": "new", "pipeline": "jobs"}'),
		(now(), 'deal_owned', 'bot', talk, came, who, job, '{"cause": ["stage:jobs.new"], "owner": 202}'),
		(now(), 'contact_changed', 'person', talk, came, who, NULL, '{"changed": "name"}'),
		(now(), 'dialog_finished', 'person', talk, came, who, job, '{"state": "done", "dialog": "request", "outcome": "done"}');
	INSERT INTO timers (deal_id, kind, rule, stage, since, due_at, data, message_id) VALUES (job, 'take', 'worker', 'new', now(), now() + interval '1 day',
		jsonb_build_object('cap', 0, 'city', '', 'head', 'manager', 'pick', 'load', 'role', 'worker', 'owner', worker, 'skill', '', 'tried', '[]'::jsonb, 'source', '', 'within', '24h0m0s'), came);
	INSERT INTO messages (conversation_id, direction, author, kind, status, content, cause_id, card, priority) VALUES
		(worker, 'out', 'bot', 'message', 'queued', jsonb_build_object('card', 'deal:' || job || ':job', 'kind', 'message', 'text', E'📥 The deal is yours now.\n\nJob No. 2252: Bob Lee\n<i>New</i> · 👷 Ann 202',
			'buttons', '[[{"data": "k:2252:job:done", "text": "Done"}]]'::jsonb, 'priority', 1), came, 'deal:' || job || ':job', 1),
		(talk, 'out', 'bot', 'message', 'queued', '{"kind": "message", "text": "Thank you! Your request is No. 2252."}', came, NULL, 0);
	UPDATE conversations SET session = NULL, contact_id = who, updated_at = now() WHERE id = talk;
END $$
