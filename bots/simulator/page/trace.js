// The tab of turns: update → dedupe and lock → transition → effects → outbox → API call, with times.

import { board } from './api.js';
import { fill, h } from './dom.js';
import { hms, lang, ms, t } from './i18n.js';
import { turnRows } from './rows.js';
import { nameOf, state } from './state.js';

const known = new Map(); // turns by message id, as the board told them
const open = new Set();

export async function render(sheet, again) {
  const turns = state.turns.slice(-40).reverse();
  if (!turns.length) { fill(sheet, h('div.nothing', null, h('span', { 'aria-hidden': 'true' }, '🧭'), h('b', null, t('noTurns')))); return; }
  await Promise.all(turns.slice(0, 8).map(async one => {
    const old = known.get(one.message);
    if (!one.message || old && !old.messages.some(m => m.status === 'queued') && Date.now() - new Date(one.at) > 5000) return;
    try { known.set(one.message, await board.turn(one.message, lang)); } catch { /* the database may be away */ }
  }));
  fill(sheet, h('ol.turns', null, turns.map(one => card(one, again))));
}

/** ahead: calls carry the simulated time, turns the real one. */
const ahead = () => (state.try?.clock.ahead_seconds || 0) * 1000;

/** callOf finds the API call that sent a row, by the provider's id in its answer. */
function callOf(m) {
  return state.calls.findLast(c => c.chat === m.chat && c.code === 200 && (String(c.answer?.message_id) === m.ref && m.ref || m.kind === 'edit' && /^edit/.test(c.method) && Math.abs(new Date(c.at) - ahead() - new Date(m.sent_at || 0)) < 1500));
}

function card(one, again) {
  const key = one.at + one.message, turn = known.get(one.message);
  const total = one.stored_us + one.stepped_us + one.committed_us;
  const bar = (us, name) => h('i', { class: name });
  const steps = h('ol.steps', null,
    step('update', [h('b', null, one.kind), ' ', nameOf(one.chat)], hms(one.at)),
    step('stored', one.fresh ? `messages ${one.message || '—'}` : h('b.warn', null, t('duplicate')), ms(one.stored_us)),
    one.fresh ? [
      step('transition', one.dialog ? [h('code', null, one.dialog), ' ', h('code', null, one.from || '∅'), ' → ', h('code.now', null, one.to || '∅')] : '—', ms(one.stepped_us)),
      step('effects', (one.effects || []).length ? one.effects.map(e => h('code.chip', null, e)) : h('span.quiet', null, t('noEffects'))),
      step('commit', one.group > 1 ? `${t('inGroup')} ${one.group}` : 'COMMIT', ms(one.committed_us)),
      (turn?.messages || []).map(m => { const c = callOf(m); return [
        step('outbox', [`messages ${m.id} → ${nameOf(m.chat)} `, h('span.badge', { class: m.status }, t(m.status))], m.not_before ? '⏲ ' + hms(m.not_before) : ''),
        c ? step('call', [h('code', null, c.method), ' ', h('span.badge', { class: c.code === 200 ? 'sent' : 'failed' }, String(c.code || '—')), c.fault ? ' ⚡ ' + c.fault : ''], '+' + ms(Math.max(0, new Date(c.at) - new Date(one.at) - ahead()) * 1000)) : null,
      ]; }),
    ] : null);
  const width = us => Math.max(2, Math.round(100 * us / Math.max(1, total)));
  const bars = h('span.timebar', { 'aria-hidden': 'true' }, [['stored', one.stored_us], ['stepped', one.stepped_us], ['committed', one.committed_us]].map(([n, us]) => { const i = bar(us, n); i.style.flexGrow = width(us); return i; }));
  return h('li.turn', { class: one.fresh ? '' : 'repeat' }, h('details', { open: open.has(key) || one === state.turns.at(-1), ontoggle: e => { e.target.open ? open.add(key) : open.delete(key); } },
    h('summary', null, h('span.who', null, nameOf(one.chat)), h('code', null, one.kind), h('span.move', null, one.fresh ? (one.to ? '→ ' + one.to : '') : t('duplicate')), h('b', null, ms(total)), bars),
    steps, turn ? h('div.rows', null, turnRows(turn)) : null));
}

const step = (name, words, time) => h('li', { class: name }, h('span.step-name', null, t(name)), h('span', null, words), time ? h('time', null, time) : null);
