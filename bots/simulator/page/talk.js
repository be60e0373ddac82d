// The tab of one conversation: session, answers, timer, outbox.

import { board } from './api.js';
import { fill, h } from './dom.js';
import { hms, lang, span, t, when } from './i18n.js';
import { messageRow } from './rows.js';
import { addressOf, nameOf, now, state } from './state.js';

const answer = v => {
  if (v === null || typeof v !== 'object') return String(v);
  for (const key of ['text', 'display', 'id', 'phone', 'code', 'amount']) if (typeof v[key] === 'string' || typeof v[key] === 'number') return String(v[key]);
  return JSON.stringify(v);
};

export async function render(sheet, again) {
  const people = [...new Set(state.phones)];
  if (!people.includes(state.chosen)) state.chosen = people[0];
  const head = h('div.segments', { role: 'group' }, people.map(id => h('button', { type: 'button', 'aria-pressed': String(id === state.chosen), onclick: () => { state.chosen = id; again(); } }, nameOf(id))));
  let c;
  try { c = await board.conversation(addressOf(state.chosen), lang); } catch (e) {
    if (e.code !== 404) throw e;
    fill(sheet, head, h('div.nothing', null, h('span', { 'aria-hidden': 'true' }, '💬'), h('b', null, t('noTalk'))));
    return;
  }
  const s = c.session || {};
  const due = c.due_at ? (new Date(c.due_at) - now()) / 1000 : null;
  fill(sheet, head,
    h('div.session', null,
      h('div.big-state', null, s.dialog ? [h('code', null, s.dialog), h('span', { 'aria-hidden': 'true' }, '›'), h('code.now', null, s.state || '…')] : h('span.quiet', null, t('idle')),
        (s.stack || []).length ? h('small', null, s.stack.map(f => f.dialog + '›' + f.state).join(', ')) : null),
      h('dl', null, row(t('contact'), [c.contact, c.phone, c.employee && `${c.employee}, ${c.role_name}`, c.lang].filter(Boolean).join(' · ')),
        row(t('timer'), due === null ? t('noTimer') : h('span', { class: 'due' }, `${when(c.due_at)} · ${due > 0 ? t('due') + ' ' + span(due) : t('overdue')}`)),
        s.pending ? row(t('pendingQ'), s.pending) : null, c.operator ? row(t('operator'), c.operator) : null, c.blocked ? row('⛔', t('blockedBot')) : null,
        s.deal ? row(t('deals'), '№ ' + s.deal) : null)),
    Object.keys(s.slots || {}).length ? [h('h3', null, t('answers')), h('table.slots', null, h('tbody', null, Object.entries(s.slots).map(([k, v]) => h('tr', null, h('th', { scope: 'row' }, k), h('td', null, answer(v))))))] : null,
    h('h3', null, t('outbox')),
    h('div.rows', null, c.messages.filter(m => m.direction === 'out').slice(0, 20).map(m => h('div', null, h('time', null, hms(m.created_at)), messageRow(m)))),
    h('h3', null, t('rawJson')), h('details.dbrow', null, h('summary', null, h('code', null, 'conversations ' + c.id)), h('pre', { tabindex: '0' }, JSON.stringify({ ...c, messages: undefined }, null, 1))));
}

const row = (name, value) => value ? [h('dt', null, name), h('dd', null, value)] : null;
