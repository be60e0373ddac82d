// One phone: a person's chat with the bot, with everything a person can do there.

import { act, text } from './api.js';
import { bubble, plain } from './bubble.js';
import { ask, fill, h, menu, notice, save } from './dom.js';
import { groupsOf, news, places, titleOf, view } from './groups.js';
import { hm, t, day } from './i18n.js';
import { nameOf, now, roleName, roleOf, state } from './state.js';

const emoji = ['👍', '❤', '🔥', '🎉', '😢', '👎'];

export class Phone {
  constructor(user, page) {
    this.user = user;
    this.page = page; // {inspect, scan, addDevice, drop}
    this.place = { chat: user, thread: 0 }; // what is shown: the talk with the bot, or a topic of a group
    this.read = new Map(); // the newest message that was shown, by place of a group
    this.nodes = new Map();
    this.mode = null; // a reply or an edit under way
    this.showKeys = true;
    this.build();
  }

  build() {
    this.role = h('small');
    this.head = h('header.chat-head');
    this.list = h('div.list', { role: 'log', 'aria-live': 'polite', 'aria-relevant': 'additions', 'aria-label': nameOf(this.user), tabindex: '-1' });
    this.toasts = h('div.toasts', { role: 'status', 'aria-live': 'assertive' });
    this.foot = h('footer.compose');
    this.keys = h('div.reply-keys');
    this.time = h('time', null, hm(now()));
    this.node = h('article.phone-wrap', { 'data-user': String(this.user), 'aria-label': t('phones') + ': ' + nameOf(this.user) },
      h('div.owner', null,
        h('span.avatar', { class: 'c' + this.user % 6, 'aria-hidden': 'true' }, nameOf(this.user)[0]),
        h('div', null, h('b', null, nameOf(this.user)), this.role),
        this.scan = h('button.scan', { type: 'button', onclick: () => this.page.scan(this.user), title: t('scanLong'), 'aria-label': t('scanLong') }, h('span', { 'aria-hidden': 'true' }, '▣'), h('span', null, t('scan'))),
        h('button.plain.round', { type: 'button', 'aria-label': t('phoneMenu'), onclick: e => this.phoneMenu(e.currentTarget) }, '⋯')),
      h('div.phone', null, h('div.screen', null,
        h('div.bar', { 'aria-hidden': 'true' }, this.time, h('span.island'), h('span', null, '▮▮▮ ◖▬')),
        this.head, h('div.chat', null, this.list, this.toasts), this.foot, this.keys)));
    this.list.addEventListener('keydown', e => this.walk(e));
    // What changes the height (a keyboard, a picture that arrives) must not hide the last message.
    this.atEnd = true;
    this.list.addEventListener('scroll', () => { this.atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 60; });
    new ResizeObserver(() => { if (this.atEnd) this.toEnd(); }).observe(this.list);
    this.composer();
    this.render();
  }

  toEnd() { this.list.scrollTop = this.list.scrollHeight; this.atEnd = true; }

  get chat() { return view(this.place); }

  /** works: only employees make groups. */
  get works() { return !!state.try && roleOf(this.user) !== 'customer'; }

  /** hint is how an empty chat begins. */
  get hint() { return state.try?.machine ? 'emptyChatHow' : 'emptyChatPlain'; }

  /** go shows another chat, or another topic. */
  go(place) {
    this.place = place;
    this.nodes.forEach(n => n.node.remove());
    this.nodes.clear();
    this.setMode(null);
    this.atEnd = true;
    this.render();
    this.toEnd();
  }

  render() {
    const c = this.chat, started = c?.started;
    const typing = c?.typing ? (t(c.typing) === c.typing ? t('typing') : t(c.typing)) : '';
    const group = this.place.chat !== this.user;
    fill(this.head, group ? h('span.avatar.c3', { 'aria-hidden': 'true' }, '👥') : h('span.avatar.bot', { 'aria-hidden': 'true' }, h('img', { src: 'icon.svg', alt: '' })),
      h('div', null, h('b', null, group ? titleOf(this.place) : state.bot.first_name || 'Govorun'),
        h('small', { class: typing ? 'typing' : '' }, typing || (group ? c?.chat.title : t('bot')), typing ? h('span.dots-anim', { 'aria-hidden': 'true' }, h('i'), h('i'), h('i')) : null)),
      groupsOf(this.user).length || this.works ? h('button.icon.places', { type: 'button', 'aria-label': t('places'), title: t('places'), onclick: e => places(e.currentTarget, this, place => this.go(place)) }, news(this).size ? h('i.count', null, String(news(this).size)) : null, '▾') : null);
    const role = roleOf(this.user);
    this.scan.hidden = !state.try?.machine; // most businesses have nothing to scan
    this.role.className = role;
    this.role.textContent = roleName(this.user);
    this.time.textContent = hm(now());
    this.renderList(c);
    this.form.hidden = !started || c?.blocked;
    this.big.hidden = started && !c?.blocked;
    this.big.textContent = c?.blocked ? t('unblock') : t('start');
    this.renderKeys(c);
  }

  /** groups puts the parts of an album together. */
  groups(c) {
    const groups = [];
    for (const b of c?.messages || []) {
      const album = b.message.media_group_id, last = groups.at(-1);
      if (album && last?.[0].message.media_group_id === album) last.push(b);
      else groups.push([b]);
    }
    return groups;
  }

  renderList(c) {
    const stick = this.atEnd;
    const groups = this.groups(c), seen = state.seen.get(this.place.chat) || 0;
    const wanted = [];
    let lastDay = '';
    for (const g of groups) {
      const d = day(g[0].message.date * 1000);
      if (d !== lastDay) { wanted.push(['day' + d, d, () => h('div.service', null, d)]); lastDay = d; }
      const id = g[0].message.message_id, key = 'm' + id;
      wanted.push([key, JSON.stringify(g) + (seen >= id) + t('more') + hm(g[0].message.date * 1000), () => this.bubbleNode(g, seen)]);
    }
    if (!groups.length) wanted.push(['empty', t('emptyChat') + state.try?.machine, () => h('div.empty', null, h('b', null, t('emptyChat')), h('p', null, t(this.hint)),
      !state.try?.machine ? null : h('button', { type: 'button', onclick: () => this.page.scan(this.user) }, '▣ ' + t('scan')))]);
    const keep = new Set(wanted.map(w => w[0]));
    for (const [key, n] of this.nodes) if (!keep.has(key)) { n.node.remove(); this.nodes.delete(key); }
    let before = null;
    for (const [key, sign, make] of wanted) {
      let n = this.nodes.get(key);
      if (!n) {
        n = { sign, node: make() };
        this.nodes.set(key, n);
        n.node.classList.add('fresh');
      } else if (n.sign !== sign) {
        const node = make(), focus = n.node.contains(document.activeElement);
        n.node.replaceWith(node);
        n.node = node; n.sign = sign;
        if (focus) (node.querySelector('[tabindex]') || node).focus?.({ preventScroll: true });
      }
      const at = before ? before.nextSibling : this.list.firstChild;
      if (at !== n.node) this.list.insertBefore(n.node, at);
      before = n.node;
    }
    const all = [...this.list.querySelectorAll('.bubble')];
    if (!all.some(b => b === document.activeElement)) all.forEach((b, i) => b.setAttribute('tabindex', i === all.length - 1 ? '0' : '-1'));
    if (stick) this.toEnd();
  }

  bubbleNode(g, seen) {
    const node = bubble(g, { user: this.user, seen, group: this.place.chat !== this.user, nameOf: u => u.first_name, on: {
      press: (b, x, r, c, button) => this.press(b, x, r, c, button), menu: (anchor, b) => this.messageMenu(anchor, b),
      command: word => this.do({ do: 'text', text: word }), link: url => notice(t('link') + ': ' + url),
    } });
    const body = node.querySelector('.bubble');
    if (body) {
      body.setAttribute('tabindex', '-1');
      body.addEventListener('click', () => this.page.inspect(this.place.chat, g[0]));
      body.addEventListener('contextmenu', e => { e.preventDefault(); this.messageMenu(body, g[0]); });
      body.querySelectorAll('img').forEach(i => i.addEventListener('load', () => { if (this.atEnd) this.toEnd(); }));
    }
    return node;
  }

  /** walk moves among messages by arrow keys; Enter shows what a message did, M its menu. */
  walk(e) {
    if (!e.target.classList.contains('bubble')) return;
    const all = [...this.list.querySelectorAll('.bubble')], at = all.indexOf(e.target);
    const next = { ArrowUp: all[at - 1], ArrowDown: all[at + 1], Home: all[0], End: all.at(-1) }[e.key];
    if (next) { e.preventDefault(); all.forEach(b => b.setAttribute('tabindex', '-1')); next.setAttribute('tabindex', '0'); next.focus(); }
    else if (e.key === 'Enter') { e.preventDefault(); e.target.click(); }
    else if (e.key === 'm' || e.key === 'ContextMenu') { e.preventDefault(); e.target.closest('.row').querySelector('.dots').click(); }
  }

  composer() {
    this.input = h('textarea', { rows: '1', placeholder: t('message'), 'aria-label': t('message'), maxlength: '4096' });
    this.input.addEventListener('keydown', e => {
      if (e.key === 'Enter' && !e.shiftKey && !e.isComposing) { e.preventDefault(); this.submit(); }
      if (e.key === 'Escape' && this.mode) { e.stopPropagation(); this.setMode(null); }
    });
    this.input.addEventListener('input', () => { this.form.classList.toggle('written', !!this.input.value.trim()); this.input.style.height = 'auto'; this.input.style.height = Math.min(96, this.input.scrollHeight) + 'px'; });
    this.keysButton = h('button.icon', { type: 'button', 'aria-label': t('keyboard'), title: t('keyboard'), onclick: () => { this.showKeys = !this.showKeys; this.render(); } }, '⌨');
    this.modeBar = h('div.mode', { hidden: true });
    this.picker = h('input', { type: 'file', hidden: true, multiple: true, 'aria-label': t('photoOwn') });
    this.picker.addEventListener('change', () => this.upload());
    this.form = h('form.compose-row', { onsubmit: e => { e.preventDefault(); this.submit(); } },
      h('button.icon', { type: 'button', 'aria-label': t('commands'), title: t('commands'), onclick: e => this.commandMenu(e.currentTarget) }, '☰'),
      h('button.icon', { type: 'button', 'aria-label': t('attach'), title: t('attach'), class: 'attach', onclick: e => this.attachMenu(e.currentTarget) }, '📎'),
      this.input, this.keysButton, h('button.icon.send', { type: 'submit', 'aria-label': t('send'), title: t('send') }, '➤'), this.picker);
    this.big = h('button.big', { type: 'button', onclick: () => this.do(this.chat?.blocked ? { do: 'unblock' } : { do: 'start' }) });
    fill(this.foot, this.modeBar, this.form, this.big);
  }

  renderKeys(c) {
    const k = c?.keyboard;
    this.keysButton.hidden = !k;
    fill(this.keys, k && this.showKeys && !c.blocked ? k.keyboard.map(row => h('div.key-row', null, row.map(x => {
      const key = typeof x === 'string' ? { text: x } : x;
      return h('button', { type: 'button', onclick: () => this.do({ do: 'keyboard', button: key.text }) }, key.text);
    }))) : null);
  }

  async do(action, files) {
    try {
      const done = await act({ user: this.user, chat: this.place.chat, thread: this.place.thread || undefined, ...action }, files);
      if (done.opened) notice(t('opened') + ': ' + done.opened);
      if (done.copied) { notice(t('copied') + ': ' + done.copied); navigator.clipboard?.writeText(done.copied).catch(() => {}); }
      this.toEnd();
      return done;
    } catch (e) { notice(e.message); }
  }

  async submit() {
    const words = this.input.value.trim();
    if (!words) return;
    const mode = this.mode;
    const action = mode?.edit ? { do: 'edit', message_id: mode.edit, text: words } : { do: 'text', text: words, reply_to: mode?.reply };
    this.input.value = '';
    this.input.style.height = 'auto';
    this.form.classList.remove('written');
    this.setMode(null);
    await this.do(action);
  }

  setMode(mode, label, words) {
    this.mode = mode;
    this.modeBar.hidden = !mode;
    if (mode) {
      fill(this.modeBar, h('b', null, label), h('span', null, words), h('button.plain.round', { type: 'button', 'aria-label': t('cancel'), onclick: () => this.setMode(null) }, '×'));
      if (mode.edit) this.input.value = words;
      this.input.focus();
    }
  }

  async press(b, x, r, c, button) {
    button.classList.add('wait');
    setTimeout(() => button.classList.remove('wait'), 1500);
    await this.do(x.callback_data ? { do: 'press', message_id: b.message.message_id, callback_data: x.callback_data } : { do: 'press', message_id: b.message.message_id, row: r + 1, col: c + 1 });
  }

  toast(p) {
    if (p.alert) { const close = ask(state.bot.first_name, h('p', null, p.toast), h('div.actions', null, h('button', { type: 'button', onclick: () => close() }, t('ok')))); return; }
    const n = h('div.toast', null, p.toast);
    this.toasts.replaceChildren(n);
    setTimeout(() => n.remove(), 4000);
  }

  commandMenu(anchor) {
    const list = this.chat?.commands || [];
    menu(anchor, (list.length ? list : [{ command: 'start', description: '' }, { command: 'help', description: '' }]).map(c => [h('span', null, h('b', null, '/' + c.command), ' ', c.description), () => this.do({ do: 'text', text: '/' + c.command })]));
  }

  attachMenu(anchor) {
    const other = [...state.users.values()].find(u => u.id !== this.user) || { id: 0, first_name: '—', phone: '79990000000' };
    menu(anchor, [
      ['🖼 ' + t('photo'), () => this.do({ do: 'photo', width: 1280, height: 960, caption: this.takeText(), reply_to: this.mode?.reply })],
      ['📁 ' + t('photoOwn'), () => this.picker.click()],
      ['🎞 ' + t('album'), () => this.do({ do: 'album', items: [{ width: 1280, height: 960 }, { width: 960, height: 1280 }], caption: this.takeText() })],
      ['✂️ ' + t('albumTorn'), () => this.do({ do: 'album', items: [{ width: 1280, height: 960 }, { width: 960, height: 1280 }], torn: true })],
      ['🔬 ' + t('photoSmall'), () => this.do({ do: 'photo', width: 320, height: 240 })],
      ['📄 ' + t('file'), () => this.do({ do: 'document', file_name: 'чек.pdf', mime: 'application/pdf', size: 48213 })],
      ['🐘 ' + t('fileBig'), () => this.do({ do: 'document', file_name: 'видео.mov', mime: 'video/quicktime', size: 34 << 20 })],
      ['🎤 ' + t('voice'), () => this.do({ do: 'voice', duration: 7 })],
      ['😀 ' + t('sticker'), () => this.do({ do: 'sticker', emoji: '😀' })],
      ['📍 ' + t('location'), () => this.do({ do: 'location', latitude: 55.751244, longitude: 37.618423 })],
      ['👤 ' + t('contactOwn'), () => this.do({ do: 'contact', own: true })],
      ['👥 ' + t('contactOther'), () => this.do({ do: 'contact', phone: other.phone, first_name: other.first_name, contact_user: other.id })],
      ['↪️ ' + t('forwardAny'), () => this.do({ do: 'forward', text: t('forwardText'), first_name: t('neighbour') })],
      ['🕰 ' + t('oldButton'), () => this.oldButtons()],
    ]);
  }

  takeText() { const words = this.input.value.trim(); this.input.value = ''; return words || undefined; }

  async upload() {
    const files = [...this.picker.files];
    this.picker.value = '';
    if (!files.length) return;
    const pictures = files.every(f => /^image\/(jpeg|png)$/.test(f.type));
    if (pictures && files.length > 1) await this.do({ do: 'album', items: files.slice(0, 10).map(() => ({})) }, files.slice(0, 10));
    else for (const f of files) await this.do({ do: pictures ? 'photo' : 'document', caption: this.takeText() }, [f]);
  }

  /** oldButtons offers every button that an edit or a new question took away. */
  oldButtons() {
    const found = [];
    for (const b of (this.chat?.messages || []).slice().reverse()) {
      const there = new Set((b.message.reply_markup?.inline_keyboard || []).flat().map(x => x.callback_data));
      for (const past of b.past || []) for (const x of (past.reply_markup?.inline_keyboard || []).flat()) if (x.callback_data && !there.has(x.callback_data)) { there.add(x.callback_data); found.push([b, x, past]); }
    }
    const close = ask(t('oldButton'), h('p.hint', null, found.length ? t('oldWhy') : t('noOld')),
      h('div.choices', null, found.slice(0, 30).map(([b, x, past]) => h('button.plain', { type: 'button', onclick: () => { close(); this.do({ do: 'press', message_id: b.message.message_id, callback_data: x.callback_data }); } },
        h('b', null, x.text), h('small', null, plain({ ...b.message, text: past.text || b.message.text }).slice(0, 70))))));
  }

  messageMenu(anchor, b) {
    const m = b.message, id = m.message_id, own = !b.from_bot;
    const others = [...state.users.values()].filter(u => u.id !== this.user && state.chats.get(u.id)?.started);
    const react = h('div.react', null, emoji.map(e => h('button', { type: 'button', 'aria-label': e, onclick: () => { document.querySelector('.menu')?.remove(); this.do({ do: 'reaction', message_id: id, emoji: (b.reactions?.[this.user] || []).includes(e) ? '' : e }); } }, e)));
    menu(anchor, [
      ['🔎 ' + t('showRows'), () => this.page.inspect(this.place.chat, b)],
      ['↩️ ' + t('reply'), () => this.setMode({ reply: id }, t('reply'), plain(m))],
      own && (m.text || m.caption) && ['✏️ ' + t('edit'), () => this.setMode({ edit: id }, t('edit'), m.text || m.caption)],
      ['📣 ' + t('forward') + ' → ' + t('bot'), () => this.do({ do: 'forward', message_id: id })],
      ...others.slice(0, 4).map(u => ['📣 ' + t('forward') + ' → ' + u.first_name, () => this.do({ do: 'forward', user: u.id, chat: u.id, from_chat: this.place.chat, message_id: id })]),
      ['🗑 ' + t('remove'), () => this.do({ do: 'delete', message_id: id }), true],
    ], react);
  }

  phoneMenu(anchor) {
    menu(anchor, [
      ['⏺ ' + t('save'), () => this.saveTalk()],
      ['📱 ' + t('device'), () => this.page.addDevice(this.user)],
      this.place.chat === this.user && this.chat?.started && !this.chat.blocked && ['⛔ ' + t('block'), () => this.do({ do: 'block' }), true],
      ['✕ ' + t('removePhone'), () => this.page.drop(this), true],
    ]);
  }

  /** saveTalk saves the talk as a golden transcript, without phone numbers. */
  async saveTalk() {
    save(`talk-${this.user}.txt`, await text(`/try/talks/${this.user}`));
    notice(t('saved'));
  }
}

