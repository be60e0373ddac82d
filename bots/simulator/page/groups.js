// Groups on a phone: which of its chats and topics is shown, and how a forum is made to play operators in.

import { post } from './api.js';
import { menu, notice } from './dom.js';
import { t } from './i18n.js';
import { readChat, state } from './state.js';

const there = status => status === 'member' || status === 'administrator' || status === 'creator';

const threadOf = (c, m) => c.chat.is_forum && m.is_topic_message ? m.message_thread_id : 0;

/** groupsOf lists the groups a person is in. */
export const groupsOf = user => [...state.chats.values()].filter(c => c.chat.id < 0 && there(c.members?.[user]));

/** view is what a phone shows: the private chat, or one topic of a group. Topic 0 of a forum is the general one. */
export function view(place) {
  const c = state.chats.get(place.chat);
  if (!c || place.chat > 0) return c;
  return { ...c, started: true, blocked: false, keyboard: null, commands: null, messages: c.messages.filter(b => threadOf(c, b.message) === place.thread) };
}

/** titleOf is what stands over a place of a group. */
export function titleOf(place) {
  const c = state.chats.get(place.chat);
  if (!c) return '';
  const topic = c.topics?.find(x => x.message_thread_id === place.thread);
  return place.thread ? '# ' + (topic?.name || t('topicGone')) : c.chat.is_forum ? t('general') : c.chat.title;
}

const key = (chat, thread) => chat + '/' + thread;

/** news lists the places of a phone's groups in which the bot wrote something that was not shown yet. */
export function news(phone) {
  const found = new Set();
  for (const c of groupsOf(phone.user)) {
    for (const b of c.messages) {
      const place = key(c.chat.id, threadOf(c, b.message)), id = b.message.message_id;
      if (place === key(phone.place.chat, phone.place.thread)) phone.read.set(place, Math.max(id, phone.read.get(place) || 0));
      else if (b.from_bot && !b.deleted && id > (phone.read.get(place) || 0)) found.add(place);
    }
  }
  return found;
}

/** places offers the chats of a phone; go shows one. */
export function places(anchor, phone, go) {
  const user = phone.user, fresh = news(phone), dot = (chat, thread) => fresh.has(key(chat, thread)) ? ' ●' : '';
  menu(anchor, [
    ['🤖 ' + (state.bot.first_name || 'Govorun'), () => go({ chat: user, thread: 0 })],
    ...groupsOf(user).flatMap(c => [
      ['👥 ' + c.chat.title + (c.chat.is_forum ? ' · ' + t('general') : '') + dot(c.chat.id, 0), () => go({ chat: c.chat.id, thread: 0 })],
      ...(c.topics || []).map(x => ['# ' + x.name + (x.closed ? ' 🔒' : '') + dot(c.chat.id, x.message_thread_id), () => go({ chat: c.chat.id, thread: x.message_thread_id })]),
    ]),
    ['➕ ' + t('newForum'), () => forum(user, go)],
  ]);
}

/** forum makes a group with topics of everybody who works here, with the bot as an administrator. */
async function forum(user, go) {
  const staff = (state.try?.people || []).filter(p => p.role !== '' && p.role !== 'customer' && p.id !== user).map(p => p.id);
  try {
    const { id } = await post('/sim/groups', { title: t('operators'), forum: true, owner: user, members: staff });
    await readChat(id);
    go({ chat: id, thread: 0 });
    notice(t('bindHere'));
  } catch (e) { notice(e.message); }
}
