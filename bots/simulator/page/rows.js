// Rows of the database as the page shows them: what a message, or the turn it caused, wrote.

import { board } from './api.js';
import { fill, h } from './dom.js';
import { thumbs } from './files.js';
import { has, hms, lang, t } from './i18n.js';
import { addressOf, nameOf } from './state.js';

const tagless = html => { const d = new DOMParser().parseFromString(html, 'text/html'); return d.body.textContent; };

/** plainContent says in words what a stored message holds. Our texts are markup of a few tags, people's are plain. */
export function plainContent(m) {
  const c = m.content || {};
  const words = m.direction === 'out' ? tagless(c.text || '') : c.text || '';
  const media = (c.media || []).map(x => x.kind).join(', ');
  if (c.press) return '[' + c.press.data + ']';
  if (c.card && typeof c.card === 'object') return '👤 ' + c.card.phone;
  if (c.location) return '📍 ' + c.location.latitude + ', ' + c.location.longitude;
  return [media ? `(${media})` : '', words].filter(Boolean).join(' ') || `(${m.kind}${c.note ? ' ' + c.note : ''})`;
}

export function status(m) {
  return h('span.badge', { class: m.status }, t(m.status), m.reason ? ' · ' + m.reason : '', m.attempts > 1 ? ' ×' + m.attempts : '', m.maybe_duplicate ? ' 2?' : '');
}

export function messageRow(m) {
  return h('details.dbrow', null, h('summary', null, h('code', null, 'messages ' + m.id), h('span.dir', { 'aria-label': m.direction }, m.direction === 'in' ? '→' : '←'),
    h('b', null, nameOf(m.chat)), h('span.words', null, plainContent(m)), status(m)),
    h('pre', { tabindex: '0' }, JSON.stringify(m, null, 1)));
}

const generic = (table, id, words, row) => h('details.dbrow', null, h('summary', null, h('code', null, table + ' ' + id), h('span.words', null, words)), h('pre', { tabindex: '0' }, JSON.stringify(row, null, 1)));

export function turnRows(turn) {
  return [
    turn.deals.map(d => generic('deals', d.id, `${d.stage_name} · ${d.title}`, d)),
    turn.events.map(e => generic('events', e.id, (has('e_' + e.kind) ? t('e_' + e.kind) : e.kind) + (e.deal ? ' · № ' + e.deal : ''), e)),
    turn.messages.map(messageRow),
    turn.files.map(f => generic('attachments', f.id, `${f.kind} · ${t(f.status) === f.status ? f.status : t(f.status)}`, f)),
    turn.files.length ? thumbs(turn.files) : null,
  ];
}

/** inspect fills the panel with all that a bubble is and did. */
export async function inspect(panel, chat, b, close) {
  const id = b.message.message_id;
  panel.hidden = false;
  const head = h('div.inspect-head', null, h('h2', null, t('rows')), h('small', null, `${nameOf(chat)} · #${id}`), h('button.plain.round', { type: 'button', 'aria-label': t('close'), onclick: close }, '×'));
  let body;
  try {
    const found = await board.message(addressOf(chat), id, b.from_bot, lang);
    body = !found.rows.length && !found.turns.length ? h('p.hint', null, t('noRows')) : [
      b.from_bot ? [h('h3', null, t('thisMessage')), found.rows.map(messageRow)] : null,
      found.turns.map(turn => turn.cause ? [h('h3', null, t('turnOf'), ' ', h('span.quiet', null, plainContent(turn.cause)), h('time', null, ' ' + hms(turn.cause.created_at))), b.from_bot ? null : messageRow(turn.cause), turnRows(turn)] : null),
    ];
  } catch (e) { body = h('p.hint', null, e.message); }
  fill(panel, head, h('div.inspect-body', null, body));
}
