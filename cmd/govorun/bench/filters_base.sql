-- A company of {deals} deals in 35 cities, five of a hundred open: 120 technicians in 40 crews, 40 sellers, 30 operators, 10 heads;
-- customers have names and numbers, deals have titles, comments, tasks and visits.
ALTER TABLE deals DISABLE TRIGGER USER;
ALTER TABLE events DISABLE TRIGGER USER;
INSERT INTO crews (id, name, city) SELECT n, 'crew ' || n, 'city ' || n % 35 FROM generate_series(1, 40) n;
INSERT INTO employees (id, name, role, city, crew_id) SELECT n, 'Ann ' || n, CASE WHEN n <= 120 THEN 'technician' WHEN n <= 160 THEN 'seller' WHEN n <= 190 THEN 'operator' ELSE 'head' END,
	CASE WHEN n <= 120 THEN 'city ' || (1 + n % 40) % 35 WHEN n <= 190 THEN 'city ' || n % 35 ELSE '' END, CASE WHEN n <= 120 THEN 1 + n % 40 END FROM generate_series(1, 200) n;
INSERT INTO contacts (id, name, phone) SELECT n, (ARRAY['Айгүл', 'Иван', 'Пётр', 'Мария', 'Данияр', 'Ольга', 'Сергей', 'Жанна', 'Ерлан', 'Анна'])[1 + n % 10] || ' ' ||
	(ARRAY['Серік', 'Петр', 'Ахмет', 'Сидор', 'Ким', 'Нұрлан', 'Орл', 'Кузнец', 'Мұрат', 'Вол'])[1 + n / 10 % 10] || (ARRAY['ов', 'ин', 'ский', 'енко', 'баев'])[1 + n / 100 % 5] || chr(1072 + n / 500 % 32) || chr(1072 + n / 16000 % 32),
	'+77' || lpad((n::bigint * 7919 % 1000000000)::text, 9, '0') FROM generate_series(1, {deals} / 2) n;
INSERT INTO assets (id, kind, code, address) SELECT n, 'machine', 'M-' || n, 'улица ' || (ARRAY['Абая', 'Достык', 'Ленина', 'Мира'])[1 + n % 4] || ', ' || n / 4 % 200 || ', офис ' || n / 800 FROM generate_series(1, 3000) n;
INSERT INTO deals (id, pipeline, stage, status, title, contact_id, asset_id, owner_id, crew_id, city, source, fields, created_at, entered_at, closed_at)
	SELECT n, 'pipeline ' || n % 6, CASE WHEN open THEN 'stage ' || n / 6 % 8 ELSE 'done ' || n / 6 % 2 END, CASE WHEN open THEN 'open' WHEN n / 6 % 2 = 0 THEN 'won' ELSE 'lost' END,
		(ARRAY['ремонт', 'установка', 'жалоба', 'возврат денег', 'замена'])[1 + n % 5] || ' ' || (ARRAY['кофейного автомата', 'снэкового автомата', 'роутера', 'линии', 'счётчика'])[1 + n / 5 % 5] ||
			CASE WHEN n % 997 = 0 THEN ' купюроприёмник' ELSE '' END || CASE WHEN n % 49999 = 0 THEN ' гарантия' ELSE '' END,
		1 + n / 2 % ({deals} / 2), 1 + n % 3000, CASE WHEN NOT (open AND n % 10 = 7) THEN who END, CASE WHEN who <= 120 THEN 1 + who % 40 END,
		CASE WHEN who <= 120 THEN 'city ' || (1 + who % 40) % 35 ELSE 'city ' || who % 35 END, (ARRAY['bot', 'site', 'call', 'partner'])[1 + n / 7 % 4],
		jsonb_build_object('amount', n % 50000, 'note', 'by the door ' || n % 1000), at, at + interval '2 hours', CASE WHEN NOT open THEN at + interval '1 day' END
	FROM (SELECT n, 1 + (n::bigint * 7919 % 190)::int AS who, now() - make_interval(secs => ({deals} - n) * 31.0) AS at, n > {deals} * 0.97 OR n % 50 = 0 AND n % 3 > 0 AS open FROM generate_series(1, {deals}) n) x;
INSERT INTO deal_words (deal_id, event_id, words) SELECT id, 0, words_of(title) FROM deals;
INSERT INTO events (at, kind, author, deal_id, data) SELECT now(), 'comment', 'employee', n * 3 + 1, jsonb_build_object('text', (ARRAY['приехать до обеда', 'ключ у охраны', 'клиент не отвечает', 'нужна деталь'])[1 + n % 4] || ' ' || n % 5000)
	FROM generate_series(1, {deals} / 4) n;
INSERT INTO deal_words (deal_id, event_id, words) SELECT deal_id, id, words_of(data->>'text') FROM events WHERE kind = 'comment';
INSERT INTO tasks (deal_id, assignee_id, title, due_at, done_at) SELECT id, owner_id, 'call', entered_at + make_interval(hours => 24 + (id % 500)::int), CASE WHEN status <> 'open' THEN entered_at END FROM deals WHERE id % 5 = 0 OR status = 'open' AND id % 2 = 0;
INSERT INTO funnel_counts (pipeline, stage, city, deals) SELECT pipeline, stage, city, count(*) FROM deals GROUP BY 1, 2, 3;
INSERT INTO funnel_deltas (pipeline, stage, city, deals) SELECT pipeline, stage, city, 0 FROM deals LIMIT 2000;
ALTER TABLE deals ENABLE TRIGGER USER;
ALTER TABLE events ENABLE TRIGGER USER;
SELECT setval('deals_id_seq', (SELECT max(id) FROM deals)), setval('contacts_id_seq', (SELECT max(id) FROM contacts)), setval('employees_id_seq', 200), setval('crews_id_seq', 40), setval('assets_id_seq', 3000);
VACUUM ANALYZE deals, contacts, employees, crews, assets, events, tasks, deal_words, contact_keys, funnel_counts, funnel_deltas
