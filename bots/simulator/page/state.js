// What the page knows, kept current by events: people and chats of the simulator, and the product around them.

import { get } from './api.js';
import { topic } from './dom.js';

export const state = {
  bot: { first_name: 'Govorun' }, users: new Map(), chats: new Map(), faults: [], seen: new Map(), calls: [], turns: [],
  try: null, // null: the page runs without the product
  phones: [], // user ids; twice the same one is a second device
  chosen: 0, // whose conversation the pane shows
};

export const changed = { chat: topic(), people: topic(), crm: topic(), faults: topic(), turn: topic(), world: topic(), toast: topic(), phones: topic() };

export async function readAll() {
  const s = await get('/sim/state');
  state.bot = s.bot;
  state.users = new Map(s.users.map(u => [u.id, u]));
  state.chats = new Map(s.chats.map(c => [c.chat.id, c]));
  state.faults = s.faults || [];
  if (!s.pending_updates) markSeen();
  changed.people.tell();
  changed.faults.tell();
  for (const u of s.users) changed.chat.tell(u.id);
}

export async function readTry() {
  try {
    state.try = await get('/try/state');
    state.turns = state.try.turns || [];
  } catch { state.try = null; }
  changed.world.tell();
  changed.turn.tell();
  changed.crm.tell();
}

export async function readChat(id) {
  try {
    state.chats.set(id, await get('/sim/chats/' + id));
    changed.chat.tell(id);
  } catch { /* nobody has spoken there yet */ }
}

/** markSeen: the bot has taken every update, so all that people wrote has two ticks. */
export function markSeen() {
  for (const [id, c] of state.chats) {
    const last = c.messages.at(-1)?.message.message_id || 0;
    state.seen.set(id, Math.max(last, state.seen.get(id) || 0));
    changed.chat.tell(id);
  }
}

export function roleOf(id) { return state.try?.people.find(p => p.id === id)?.role || 'customer'; }
export function nameOf(id) {
  const u = state.users.get(Number(id));
  return u ? [u.first_name, u.last_name].filter(Boolean).join(' ') : String(id);
}
export const now = () => new Date(Date.now() + (state.try?.clock.ahead_seconds || 0) * 1000);
