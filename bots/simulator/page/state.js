// What the page knows, kept current by events: people and chats of the simulator, and the product around them.

import { get } from './api.js';
import { topic } from './dom.js';
import { lang, t } from './i18n.js';

export const state = {
  bot: { first_name: 'Govorun' }, users: new Map(), chats: new Map(), faults: [], seen: new Map(), untaken: 0, calls: [], turns: [],
  wa: null, // the phones with WhatsApp and the company's number on it; null without the product
  try: undefined, // what the product says of itself; undefined until it has, null when the page runs without it
  phones: [], // user ids; twice the same one is a second device
  chosen: 0, // whose conversation the pane shows
};

export const changed = { chat: topic(), people: topic(), crm: topic(), faults: topic(), turn: topic(), world: topic(), toast: topic(), phones: topic(), wa: topic() };

export async function readAll() {
  const s = await get('/sim/state');
  state.bot = s.bot;
  state.users = new Map(s.users.map(u => [u.id, u]));
  state.chats = new Map(s.chats.map(c => [c.chat.id, c]));
  state.faults = s.faults || [];
  untaken(s.pending_updates || 0, s.seq);
  changed.people.tell();
  changed.faults.tell();
  for (const u of s.users) changed.chat.tell(u.id);
}

export async function readTry() {
  try {
    const due = state.try?.clock.next_due;
    state.try = await get('/try/state');
    state.try.clock.next_due = due;
    state.turns = state.try.turns || [];
    readClock();
  } catch (e) {
    if (e.code !== 404) { await new Promise(done => setTimeout(done, 1000)); return readTry(); }
    state.try = null; // this page has phones and no product behind them
  }
  changed.world.tell();
  changed.turn.tell();
  changed.crm.tell();
}

/** readClock asks for the next timer, which the database knows: it comes when it comes. */
export async function readClock() {
  try { state.try.clock = await get('/try/clock'); } catch { return; }
  changed.world.tell();
}

export async function readChat(id) {
  try {
    state.chats.set(id, await get('/sim/chats/' + id));
    changed.chat.tell(id);
    markSeen(); // it may have been taken before it was read
  } catch { /* nobody has spoken there yet */ }
}

let newest = 0; // of what is known of updates: a reading and an event may overtake each other

/** untaken notes how many updates the bot had not taken at a moment of the simulator; a function changes the number. */
export function untaken(n, seq) {
  if (seq < newest || seq === newest && typeof n === 'function') return;
  newest = seq;
  state.untaken = typeof n === 'function' ? n(state.untaken) : n;
  markSeen();
}

/** markSeen: once the bot has taken every update, all that people wrote has two ticks. */
export function markSeen() {
  if (state.untaken) return;
  for (const [id, c] of state.chats) {
    const last = c.messages.at(-1)?.message.message_id || 0, old = state.seen.get(id) || 0;
    if (last <= old) continue;
    state.seen.set(id, last);
    changed.chat.tell(id);
  }
}

export function roleOf(id) { return state.try?.people.find(p => p.id === id)?.role || 'customer'; }
/** nameIn is what the business calls a role: in the language of the page, else in one of its own. */
export const nameIn = (names, role) => names?.[lang] || Object.values(names || {})[0] || role;
/** roleName is what stands below somebody's name: nothing, until it is known who has which phone. */
export function roleName(id) {
  if (state.try === undefined) return '\u00a0';
  const p = state.try?.people.find(p => p.id === id);
  return p?.role_names ? nameIn(p.role_names, p.role) : t('customer');
}
/** addressOf is where the board finds somebody's talk. */
export function addressOf(id) {
  const p = String(id).startsWith('wa:') && state.wa?.people.find(x => 'wa:' + x.id === id);
  return p ? `channel=whatsapp&chat=${encodeURIComponent(p.address)}` : `channel=telegram&chat=${id}`;
}
export function nameOf(id) {
  const p = isNaN(id) && state.wa?.people.find(x => 'wa:' + x.id === id || x.address === id);
  if (p) return p.name;
  const u = state.users.get(Number(id));
  return u ? [u.first_name, u.last_name].filter(Boolean).join(' ') : String(id);
}
export const now = () => new Date(Date.now() + (state.try?.clock.ahead_seconds || 0) * 1000);
