// Phones with WhatsApp, and the company's number on it. What differs from other phones: no buttons, no commands, marks in the text,
// polls, and a company that can be unlinked or banned.

import { get, listen, post } from './api.js';
import { bubble } from './bubble.js';
import { ask, fill, h, menu, notice } from './dom.js';
import { t } from './i18n.js';
import { Phone } from './phone.js';
import { changed, state } from './state.js';

const prefix = 'wa:';
export const isWa = user => typeof user === 'string' && user.startsWith(prefix);
const idOf = user => user.slice(prefix.length);
const personOf = user => state.wa?.people.find(p => p.id === idOf(user));
const chats = new Map(); // by id of the person

/** users are the phones that there are. */
export const users = () => (state.wa?.people || []).map(p => prefix + p.id);

async function readState() {
  try { state.wa = await get('/wa/state'); } catch { state.wa = null; return; } // a page without the product has none
  changed.wa.tell();
}

async function readChat(id) {
  try { chats.set(id, await get('/wa/chats/' + encodeURIComponent(id))); } catch { return; }
  changed.chat.tell(prefix + id);
}

export async function readAll() {
  await readState();
  await Promise.all((state.wa?.people || []).map(p => readChat(p.id)));
}

const pending = new Map();
function soon(key, f) { // many events of one moment, one reading
  if (pending.has(key)) return;
  pending.set(key, setTimeout(() => { pending.delete(key); f(); }, 30));
}

/** begin reads everything and keeps it current; without WhatsApp it does nothing. */
export async function begin() {
  await readAll();
  if (state.wa) listen('/wa/events', e => e.chat ? soon(e.chat, () => readChat(e.chat)) : soon('', readState), readAll);
}

/** entities turns the marks of WhatsApp into those that the bubbles know. */
function marked(text) {
  const entities = [];
  let out = '', last = 0;
  for (const m of (text || '').matchAll(/```([\s\S]+?)```|`([^`\n]+)`|(?<![\wа-яё*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\wа-яё*])|(?<![\wа-яё_])_(?=\S)([^_\n]+?)(?<=\S)_(?![\wа-яё_])|(?<![\wа-яё~])~(?=\S)([^~\n]+?)(?<=\S)~(?![\wа-яё~])|(https?:\/\/\S+)/gi)) {
    out += text.slice(last, m.index);
    const words = m.slice(1).find(x => x !== undefined);
    entities.push({ type: m[6] ? 'url' : m[1] || m[2] ? 'code' : m[3] ? 'bold' : m[4] ? 'italic' : 'strikethrough', offset: out.length, length: words.length });
    out += words;
    last = m.index + m[0].length;
  }
  return { text: out + (text || '').slice(last), entities };
}

/** shown makes of a message what the bubbles of other phones are made of. */
function shown(b, all, user) {
  const words = marked(b.text), file = b.file && `/wa/chats/${idOf(user)}/${b.id}`;
  const m = { message_id: b.id, date: new Date(b.at) / 1000, from: { id: b.mine ? user : 0 }, edit_date: b.edited ? 1 : 0, media_group_id: b.album };
  const quoted = b.quote && all.find(x => x.id === b.quote);
  if (b.quote) m.reply_to_message = { text: quoted?.text || '…', from: { first_name: quoted?.mine ? t('you') : 'Govorun' } };
  const caption = { caption: words.text || undefined, caption_entities: words.entities };
  switch (b.kind) {
    case 'image': Object.assign(m, caption, { photo: [{ file_id: file, width: 640, height: 480 }] }); break;
    case 'sticker': m.sticker = { emoji: '🩷' }; break;
    case 'voice': m.voice = { duration: b.file.seconds }; break;
    case 'video': case 'audio': case 'document': Object.assign(m, caption, { document: { file_name: b.file.name || b.kind, file_size: b.file.length } }); break;
    case 'location': m.location = b.place; break;
    case 'contact': m.contact = { first_name: b.text, phone_number: /TEL[^:\n]*:([+\d -]+)/.exec(b.card)?.[1] || '' }; break;
    case 'poll': m.text = '📊 ' + b.text; m.reply_markup = { inline_keyboard: b.poll.options.map(o => [{ text: (b.poll.votes?.includes(o) ? '◉ ' : '○ ') + o, callback_data: o }]) }; break;
    case 'unreadable': m.text = '🕓 ' + t('waWaiting'); break;
    default: Object.assign(m, words);
  }
  const reactions = {};
  if (b.me) reactions.me = [b.me];
  if (b.them) reactions.them = [b.them];
  return { message: m, from_bot: !b.mine, deleted: b.revoked, reactions, raw: b };
}

/** send does a deed of a person; files are sent beside it. */
function send(user, action, files) {
  const path = '/wa/chats/' + encodeURIComponent(idOf(user));
  if (!files) return post(path, action);
  const form = new FormData();
  form.append('action', JSON.stringify(action));
  files.forEach(f => form.append('file', f));
  return fetch(path, { method: 'POST', body: form }).then(async r => { const body = await r.json(); if (!r.ok) throw new Error(body.error); return body; });
}

/** company lets the company's phone, or WhatsApp itself, do something. */
export const company = body => post('/wa/company', body).catch(e => notice(e.message));

/** link asks for a code and offers to scan it with the company's phone. */
export async function link() {
  try { await post('/try/whatsapp/link', {}); } catch (e) { notice(e.message); return; }
  for (let i = 0; i < 100 && !state.wa?.code; i++) await new Promise(done => setTimeout(done, 100));
  if (!state.wa?.code) { notice(t('waNoCode')); return; }
  const close = ask(t('waLinkTitle'), h('p.hint', null, t('waLinkWhy')), h('div.qr', null, h('img', { src: '/try/whatsapp/code.png?' + Date.now(), alt: t('waCode'), width: '240', height: '240' })),
    h('div.actions', null, h('button.main', { type: 'button', id: 'wa-scan', onclick: async () => { close(); await company({ do: 'scan' }); } }, '▣ ' + t('waScan'))));
}

const spoken = new Set(); // phones that are shown, for stickers that are scanned

/** write puts a text into the phone's chat, ready to be sent, as a link of wa.me does. */
export function write(user, text) {
  for (const p of spoken) if (p.user === user) p.offer(text);
}

const emoji = ['👍', '❤️', '😂', '😮', '😢', '🙏'];

export class WaPhone extends Phone {
  constructor(user, page) {
    super(user, page);
    spoken.add(this);
    this.node.classList.add('wa');
  }

  get chat() {
    const c = chats.get(idOf(this.user)), list = c?.bubbles || [];
    return { chat: { id: this.user }, started: !!state.wa?.linked, blocked: false, typing: state.wa?.online && c?.typing && 'typing', messages: list.map(b => shown(b, list, this.user)) };
  }

  get works() { return false; }

  get hint() { return 'emptyChatWa'; }

  render() {
    super.render();
    const p = personOf(this.user), c = this.chat;
    this.form.firstChild.hidden = true; // no commands here
    this.role.textContent = [t(p?.hidden ? 'waHidden' : 'customer'), 'WhatsApp'].join(' · ');
    this.head.querySelector('small').replaceChildren(c.typing ? t('typing') + '…' : t(!state.wa?.linked ? 'waUnlinked' : state.wa.banned ? 'waBanned' : state.wa.online ? 'waOnline' : 'waOffline'));
    this.big.textContent = t('waLinkAgain');
  }

  bubbleNode(g) {
    const last = g.at(-1).raw, node = bubble(g, { user: this.user, seen: last.status && last.status !== 'sent' ? '\uffff' : '', group: false, nameOf: u => u.first_name, on: {
      press: (b, x) => this.do({ do: 'vote', message: b.message.message_id, options: b.raw.poll.votes?.includes(x.callback_data) ? [] : [x.callback_data] }),
      menu: (anchor, b) => this.messageMenu(anchor, b), command: () => {}, link: url => notice(t('link') + ': ' + url),
    } });
    node.querySelector('.ticks')?.classList.toggle('read', last.status === 'read' || last.status === 'played');
    const body = node.querySelector('.bubble');
    if (body) {
      body.setAttribute('tabindex', '-1');
      body.addEventListener('click', () => this.page.inspect(this.user, g[0]));
      body.addEventListener('contextmenu', e => { e.preventDefault(); this.messageMenu(body, g[0]); });
      body.querySelectorAll('img').forEach(i => i.addEventListener('load', () => { if (this.atEnd) this.toEnd(); }));
    }
    return node;
  }

  /** do takes the deeds of other phones too, as far as the composer makes them. */
  async do(action, files) {
    if (action.do === 'start') return link();
    const { reply_to, message_id, ...a } = action;
    if (reply_to || message_id) a.message = reply_to || message_id;
    try {
      const done = await send(this.user, a, files);
      this.toEnd();
      return done;
    } catch (e) { notice(e.message); }
  }

  /** offer puts a text into the composer, ready to be sent. */
  offer(text) {
    this.input.value = text;
    this.form.classList.add('written');
    this.input.focus();
  }

  attachMenu(anchor) {
    const other = (state.wa?.people || []).find(p => prefix + p.id !== this.user && p.phone) || { name: 'Ержан', phone: '77070000002' };
    const more = kind => () => this.do({ do: kind, text: this.takeText() });
    menu(anchor, [
      ['🖼 ' + t('photo'), more('image')], ['📁 ' + t('photoOwn'), () => this.picker.click()], ['🎞 ' + t('album'), more('album')],
      ['📄 ' + t('file'), more('document')], ['🎤 ' + t('voice'), more('voice')], ['🩷 ' + t('sticker'), more('sticker')],
      ['📍 ' + t('location'), () => this.do({ do: 'location' })],
      ['👥 ' + t('contactOther'), () => this.do({ do: 'contact', name: other.name, phone: other.phone })],
    ]);
  }

  async upload() {
    const files = [...this.picker.files];
    this.picker.value = '';
    if (!files.length) return;
    const pictures = files.every(f => /^image\/(jpeg|png|webp)$/.test(f.type)), voice = files.every(f => f.type.startsWith('audio/ogg'));
    await this.do({ do: pictures ? (files.length > 1 ? 'album' : 'image') : voice ? 'voice' : 'document', text: this.takeText() }, files.slice(0, 10));
  }

  messageMenu(anchor, b) {
    const id = b.message.message_id, raw = b.raw;
    const react = h('div.react', null, emoji.map(e => h('button', { type: 'button', 'aria-label': e, onclick: () => { document.querySelector('.menu')?.remove(); this.do({ do: 'react', message: id, text: raw.me === e ? '' : e }); } }, e)));
    menu(anchor, [
      ['🔎 ' + t('showRows'), () => this.page.inspect(this.user, b)],
      ['↩️ ' + t('reply'), () => this.setMode({ reply: id }, t('reply'), raw.text || t('file'))],
      raw.mine && raw.kind === 'text' && ['✏️ ' + t('edit'), () => this.setMode({ edit: id }, t('edit'), raw.text)],
      !raw.mine && ['✓✓ ' + t('waRead'), () => this.do({ do: 'read', message: id })],
      raw.mine && ['🗑 ' + t('waRevoke'), () => this.do({ do: 'revoke', message: id }), true],
    ], react);
  }

  phoneMenu(anchor) {
    const p = personOf(this.user);
    menu(anchor, [
      ['🕓 ' + t('waUnreadable'), () => this.do({ do: 'unreadable', count: 1 })],
      ['🔒 ' + t('waNeverReadable'), () => this.do({ do: 'unreadable', count: 6 })],
      p?.hidden ? ['☎️ ' + t('waShowNumber'), () => this.do({ do: 'show_number', phone: '7707' + idOf(this.user).slice(-7).replace(/^0/, '1') })] : ['🕶 ' + t('waByLid'), () => this.do({ do: 'by_lid', on: true })],
      ['📲 ' + t('waReinstall'), () => this.do({ do: 'reinstall' })],
      ['🏢 ' + t('waOwnPhone'), () => this.fromCompany()],
      ['✕ ' + t('removePhone'), () => { spoken.delete(this); this.page.drop(this); }, true],
    ]);
  }

  /** fromCompany types something on the company's own phone. */
  fromCompany() {
    const words = h('input', { required: true, maxlength: '1000', 'aria-label': t('message') });
    const close = ask(t('waOwnPhone'), h('form', { class: 'form', onsubmit: e => { e.preventDefault(); close(); company({ do: 'text', to: idOf(this.user), text: words.value }); } },
      h('p.hint', null, t('waOwnWhy')), words, h('div.actions', null, h('button.main', { type: 'submit' }, t('send')))));
    words.focus();
  }
}

/** newWaPhone asks for a person with WhatsApp. */
export async function newPerson(name, phone) {
  const p = await post('/wa/people', { name, phone });
  await readAll();
  return prefix + p.id;
}

/** numberCard is the company's number: what it is, and what may happen to it. */
export function numberCard() {
  const wa = state.wa;
  if (!wa) return null;
  const good = wa.linked && wa.online && !wa.banned;
  const button = (label, f, extra) => h('button', { type: 'button', onclick: f, ...extra }, label);
  const says = h('p', null, t('waWhy'));
  get('/try/whatsapp').then(s => { if (s.sentence) says.textContent = s.sentence; if (s.problem) says.textContent += ' ' + s.problem; }).catch(() => {});
  return h('section', { class: good ? 'good' : 'bad' }, h('h3', null, h('span.lamp', { 'aria-hidden': 'true' }), `WhatsApp +${wa.number} `, h('small', null, t(!wa.linked ? 'waUnlinked' : wa.banned ? 'waBanned' : wa.online ? 'waOnline' : 'waOffline'))), says,
    h('div.actions', null, !wa.linked ? button(t('waLinkAgain'), link) : [
      wa.banned ? button(t('waUnban'), async () => { await company({ do: 'unban' }); notice(t('waUnbanned')); }) : button(t('waBan'), () => company({ do: 'ban', seconds: 3600 })),
      button(t('waUnlink'), () => company({ do: 'unlink' }), { class: 'plain' }), button(t('waDrop'), () => company({ do: 'drop' }), { class: 'plain' }),
      button(t('wa463'), () => company({ do: 'refuse_next', code: 463 }), { class: 'plain' })]));
}
