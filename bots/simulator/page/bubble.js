// One message as its reader sees it: text with its marks, pictures, files, buttons, time and ticks.

import { h } from './dom.js';
import { t, hm, size } from './i18n.js';

const tags = { bold: 'strong', italic: 'em', underline: 'u', strikethrough: 's', code: 'code', pre: 'code', spoiler: 'span', blockquote: 'q' };

/** rich turns text with entities (offsets in UTF-16 units, as here) into nodes. */
export function rich(text, entities, on) {
  if (!entities?.length) return [text];
  const cuts = [...new Set([0, text.length, ...entities.flatMap(e => [e.offset, e.offset + e.length])])].filter(n => n <= text.length).sort((a, b) => a - b);
  const nodes = [];
  for (let i = 0; i + 1 < cuts.length; i++) {
    let node = document.createTextNode(text.slice(cuts[i], cuts[i + 1]));
    for (const e of entities) if (e.offset <= cuts[i] && e.offset + e.length >= cuts[i + 1]) node = wrap(node, e, on);
    nodes.push(node);
  }
  return nodes;
}

function wrap(node, e, on) {
  if (tags[e.type]) return h(tags[e.type], { class: e.type }, node);
  const word = node.textContent;
  if (e.type === 'bot_command') return h('button.link', { type: 'button', onclick: ev => { ev.stopPropagation(); on.command?.(word); } }, node);
  if (e.type === 'text_link' || e.type === 'url') return h('button.link', { type: 'button', onclick: ev => { ev.stopPropagation(); on.link?.(e.url || word); } }, node);
  return h('span.mention', null, node);
}

const file = id => id.startsWith('/') ? id : '/sim/files/' + encodeURIComponent(id);

function picture(m) {
  const best = m.photo.filter(p => p.width <= 1300).at(-1) || m.photo[0];
  return h('img.photo', { src: file(best.file_id), alt: t('photo') + ' ' + best.width + '×' + best.height, width: String(best.width), height: String(best.height), loading: 'lazy' });
}

function waves(id) {
  const seed = Number(id) || parseInt(String(id).slice(-4), 16) || 1;
  return h('span.waves', { 'aria-hidden': 'true' }, Array.from({ length: 28 }, (_, i) => h('i', { class: 'w' + ((seed * 7 + i * i * 3 + i * 5) % 6) })));
}

/** media gives the file, place, contact or poll of a message. */
function media(m) {
  if (m.photo) return picture(m);
  if (m.sticker) return h('div.big-emoji', { role: 'img', 'aria-label': t('sticker') }, m.sticker.emoji || '👍');
  if (m.voice) return h('div.voice', { role: 'img', 'aria-label': t('voiceMessage') }, h('span.play', { 'aria-hidden': 'true' }, '▶'), waves(m.message_id), h('small', null, '0:' + String(m.voice.duration || 0).padStart(2, '0')));
  if (m.contact) return h('div.card-contact', null, h('span.avatar.small', { 'aria-hidden': 'true' }, (m.contact.first_name || '?')[0]),
    h('div', null, h('b', null, [m.contact.first_name, m.contact.last_name].filter(Boolean).join(' ')), h('small', null, '+' + m.contact.phone_number.replace(/^\+/, ''))));
  const place = m.venue?.location || m.location;
  if (place) return h('div.map', { role: 'img', 'aria-label': t('location') }, h('span.pin', { 'aria-hidden': 'true' }, '📍'),
    h('small', null, m.venue ? m.venue.title : place.latitude.toFixed(5) + ', ' + place.longitude.toFixed(5)));
  if (m.dice) return h('div.big-emoji', null, m.dice.emoji, h('small', null, ' ' + m.dice.value));
  if (m.poll) return h('div.poll', null, h('b', null, m.poll.question), m.poll.options.map(o => h('div', null, '○ ' + o.text)));
  const doc = m.video || m.video_note || m.animation || m.audio || m.document;
  if (doc) return h('div.doc', null, h('span.doc-icon', { 'aria-hidden': 'true' }, m.document && !m.animation ? '📄' : m.audio ? '🎵' : '🎬'),
    h('div', null, h('b', null, doc.file_name || t('file')), h('small', null, size(doc.file_size || 0))));
  return null;
}

function quote(m, nameOf) {
  const r = m.reply_to_message;
  if (!r) return null;
  return h('div.quote', null, h('b', null, r.from ? nameOf(r.from) : ''), h('span', null, r.text || r.caption || '📎'));
}

function origin(m) {
  const o = m.forward_origin;
  if (!o) return null;
  return h('div.forwarded', null, t('forwarded') + ' ', h('b', null, o.sender_user?.first_name || o.sender_user_name || o.chat?.title || o.sender_chat?.title || '—'));
}

function meta(b, mine, seen) {
  const m = b.message;
  return h('span.meta', null, m.edit_date ? t('edited') + ' ' : null, h('time', null, hm(m.date * 1000)),
    mine ? h('span.ticks', { role: 'img', 'aria-label': seen ? '✓✓' : '✓', class: seen ? 'seen' : '' }, seen ? '✓✓' : '✓') : null);
}

const service = m => m.pinned_message || m.new_chat_members || m.left_chat_member || m.forum_topic_created;

/** bubble builds a message, or an album of several. p says who looks: {user, seen, on, nameOf}. */
export function bubble(list, p) {
  const b = list[0], m = b.message, mine = !b.from_bot && m.from?.id === p.user;
  if (service(m)) return h('div.service', null, m.text || (m.forum_topic_created ? '# ' + m.forum_topic_created.name : '·'));
  const shows = list.filter(x => !x.deleted);
  if (!shows.length) return h('div.service.gone', null, t('deleted'));
  const caption = list.find(x => x.message.caption)?.message;
  const words = mine && /^\/start \S+$/.test(m.text) ? '/start' : m.text; // people don't see what a link hands over
  const text = m.text ? rich(words, m.entities, p.on) : caption ? rich(caption.caption, caption.caption_entities, p.on) : null;
  const pictures = list.length > 1 ? h('div.album', { class: 'of' + Math.min(list.length, 4) }, list.map(x => media(x.message))) : media(m);
  const bare = m.sticker || m.dice;
  const reactions = Object.values(list.reduce((all, x) => Object.assign(all, x.reactions || {}), {})).flat();
  const body = h('div.bubble', { class: [mine ? 'out' : 'in', bare ? 'bare' : '', m.photo ? 'has-photo' : '', text ? 'has-text' : ''].join(' ') },
    p.group && !mine ? h('b.author', null, b.from_bot ? t('bot') : p.nameOf(m.from)) : null, origin(m), quote(m, p.nameOf), pictures, text ? h('div.text', null, text) : null,
    reactions.length ? h('div.reactions', null, reactions.map(r => h('span', null, r))) : null, meta(list.at(-1), mine, p.seen >= m.message_id));
  return h('div.row', { class: mine ? 'mine' : 'theirs' }, h('div.stack', null, body, inline(b, p)),
    h('button.dots', { type: 'button', tabindex: '-1', 'aria-label': t('more'), onclick: e => { e.stopPropagation(); p.on.menu(e.currentTarget, b); } }, '⋯'));
}

function inline(b, p) {
  const rows = b.message.reply_markup?.inline_keyboard;
  if (!rows?.length) return null;
  return h('div.inline', null, rows.map((row, r) => h('div.inline-row', null, row.map((x, c) => h('button', {
    type: 'button', class: x.style || '', onclick: e => { e.stopPropagation(); p.on.press(b, x, r, c, e.currentTarget); },
  }, x.text, x.url ? h('i', { 'aria-hidden': 'true' }, '↗') : x.copy_text ? h('i', { 'aria-hidden': 'true' }, '⧉') : null)))));
}

/** plain says in few words what a message is, for lists and quotes. */
export function plain(m) {
  return m.text || m.caption || (m.photo ? t('photo') : m.voice ? t('voice') : m.sticker ? t('sticker') : m.contact ? t('contact') : m.location ? t('location') : t('file'));
}
