// The page: phones on the left, the CRM on the right, kept current by two streams of events.

import { act, listen } from './api.js';
import * as clock from './clock.js';
import * as deals from './deals.js';
import { newPhone, scan, stickers } from './dialogs.js';
import { fill, h, lazily, notice } from './dom.js';
import * as faults from './faults.js';
import { hm, lang, setLang, setZone, t } from './i18n.js';
import { Phone } from './phone.js';
import { inspect } from './rows.js';
import { changed, nameOf, now, readAll, readChat, readClock, readTry, roleName, state, untaken } from './state.js';
import * as talk from './talk.js';
import * as trace from './trace.js';
import * as wa from './wa.js';

const at = id => document.getElementById(id);
const ask = new URLSearchParams(location.search);
const tabs = { deals, talk, trace, faults, clock };
let tab = ask.get('tab') || 'deals';
let phones = [];
const dropped = new Set(); // phones with WhatsApp that were put away
let shown = null; // the bubble whose rows are shown
const store = { get: k => { try { return localStorage.getItem(k); } catch { return null; } }, set: (k, v) => { try { localStorage.setItem(k, v); } catch { /* private window */ } } };

// ---- phones

const page = {
  scan: user => state.try ? stickers(user) : notice('—'),
  addDevice: user => addPhone(user).node.scrollIntoView({ behavior: 'smooth', inline: 'end' }),
  drop: phone => { dropped.add(phone.user); phones = phones.filter(p => p !== phone); state.phones = phones.map(p => p.user); phone.node.remove(); phoneTabs(); },
  inspect: (user, b) => { shown = { user, id: b.message.message_id, b }; state.chosen = user; if (tab === 'talk') draw(); inspect(at('inspect'), user, b, closeInspect); at('inspect').scrollTop = 0; },
};

function closeInspect() { shown = null; at('inspect').hidden = true; }

function addPhone(user) {
  const phone = wa.isWa(user) ? new wa.WaPhone(user, page) : new Phone(user, page);
  phones.push(phone);
  state.phones.push(user);
  at('phones').append(phone.node);
  phoneTabs();
  show(phones.length - 1);
  return phone;
}

/** On a narrow screen one phone, or the CRM, is shown at a time. */
let narrow = Number(ask.get('view') || 0);
function show(n) {
  narrow = n;
  document.body.dataset.view = n < 0 ? 'crm' : 'phones';
  phones.forEach((p, i) => p.node.classList.toggle('current', i === n));
  [...at('phone-tabs').children].forEach((b, i) => b.setAttribute('aria-pressed', String((i === phones.length ? -1 : i) === n)));
  if (n >= 0 && phones[n]) { phones[n].render(); phones[n].toEnd(); }
  at('phone-tabs').querySelector('[aria-pressed=true]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
}

function phoneTabs() {
  fill(at('phone-tabs'), phones.map((p, i) => h('button', { type: 'button', onclick: () => show(i) }, h('span.avatar.small', { class: wa.isWa(p.user) ? 'w' : 'c' + p.user % 6, 'aria-hidden': 'true' }, nameOf(p.user)[0]), h('span', null, nameOf(p.user).split(' ')[0]), h('i.new', { 'aria-hidden': 'true' }))),
    h('button', { type: 'button', onclick: () => show(-1) }, h('span', { 'aria-hidden': 'true' }, '🗂'), h('span', null, 'CRM')));
  show(narrow);
}

function people() {
  if (phones.length) { phones.forEach(p => p.render()); return; }
  const ids = new Set([...(state.try?.people || []).map(p => p.id), ...state.users.keys()]);
  const first = narrow;
  at('phones').replaceChildren(); // the empty frames
  for (const id of ids) if (state.users.has(id)) addPhone(id);
  numbers();
  show(first);
}

/** numbers gives a phone to everybody with WhatsApp, and shows what became of the company's number. */
function numbers() {
  if (phones.length) for (const user of wa.users()) if (!phones.some(p => p.user === user) && !dropped.has(user)) { const first = narrow; addPhone(user); show(first); }
  for (const p of phones) if (wa.isWa(p.user)) p.render();
  if (tab === 'faults') redraw();
}

// ---- the pane

function tabBar() {
  fill(at('tabs'), Object.keys(tabs).map(name => h('button', { type: 'button', role: 'tab', id: 'tab-' + name, 'aria-controls': 'sheet', 'aria-selected': String(name === tab), tabindex: name === tab ? '0' : '-1',
    onclick: () => choose(name) }, t(name), name === 'faults' && state.faults.length ? h('i.count', null, String(state.faults.length)) : null)));
  at('sheet').setAttribute('aria-labelledby', 'tab-' + tab);
}

function choose(name) {
  tab = name;
  tabBar();
  draw();
  if (tab === 'clock' && state.try) readClock();
}

let drawing = 0;
async function draw() {
  const mine = ++drawing, sheet = at('sheet'), top = sheet.scrollTop, before = sheet.dataset.tab;
  const draft = document.createElement('div');
  const live = tab === 'faults' || tab === 'clock';
  if (!sheet.firstChild) fill(sheet, h('div.nothing', null, h('b', null, t('loading'))));
  try { await tabs[tab].render(live ? sheet : draft, draw); } catch (e) { fill(live ? sheet : draft, h('div.nothing', null, h('span', { 'aria-hidden': 'true' }, '🔌'), h('b', null, e.message))); }
  if (mine !== drawing || live) { sheet.dataset.tab = tab; return; }
  // A redraw must not take away what is open or under the finger.
  const open = new Set([...sheet.querySelectorAll('details[open]')].map(d => d.querySelector('code')?.textContent));
  const focus = sheet.contains(document.activeElement) && document.activeElement.dataset?.deal;
  sheet.replaceChildren(...draft.childNodes);
  for (const d of sheet.querySelectorAll('details.dbrow')) if (open.has(d.querySelector('code')?.textContent)) d.open = true;
  if (focus) sheet.querySelector(`[data-deal="${focus}"]`)?.focus();
  sheet.scrollTop = before === tab ? top : 0;
  sheet.dataset.tab = tab;
}

at('tabs').addEventListener('keydown', e => {
  const names = Object.keys(tabs), i = names.indexOf(tab);
  const next = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: names.length - 1 }[e.key];
  if (next === undefined) return;
  e.preventDefault();
  choose(names[(next + names.length) % names.length]);
  at('tab-' + tab).focus();
});

const redraw = lazily(draw, 120);
const later = lazily(() => { draw(); again(); }, 1600); // files arrive and messages are marked a moment after
const again = () => { if (shown) inspect(at('inspect'), shown.user, shown.b, closeInspect); };
const reinspect = lazily(again, 400);

// ---- around them

function worldBar() {
  const s = state.try;
  const lamp = (good, words) => h('span.lamp-line', { class: good ? 'good' : 'bad' }, h('i.lamp', { 'aria-hidden': 'true' }), words);
  const ahead = s?.clock.ahead_seconds > 1 ? h('span.lamp-line', null, '🕒 +' + Math.round(s.clock.ahead_seconds / 3600 * 10) / 10 + ' ' + t('h')) : null;
  const lines = !s ? [] : [lamp(s.worker.running, t('worker') + ' ' + t(s.worker.running ? 'workerRuns' : 'workerStopped')), lamp(s.database.up, 'PostgreSQL'), ahead];
  fill(at('status'), lines);
}

/** guide says what to do first. That depends on the business, so it stays empty until that is known. */
function guide() {
  const g = at('guide'), s = state.try;
  g.hidden = s === null || store.get('guide') === 'off' || ask.get('guide') === 'off';
  if (g.hidden) return;
  const done = guideDone();
  const step = (n, what, why, button) => h('li', { class: done[n - 1] ? 'done' : '' }, h('span.n', { 'aria-hidden': 'true' }, done[n - 1] ? '✓' : String(n)), h('span', null, h('b', null, what), h('small', null, why)), done[n - 1] ? null : button);
  fill(g, h('ol', null, !s ? [1, 2, 3].map(n => step(n, '\u00a0', '\u00a0')) : s.machine ? scanSteps(step, s) : startSteps(step, s)),
    h('button.plain.round', { type: 'button', 'aria-label': t('hide'), title: t('hide'), onclick: () => { store.set('guide', 'off'); guide(); } }, '×'));
}

const employees = () => (state.try?.people || []).filter(p => p.role !== 'customer');
const first = s => s.people.find(p => p.role === 'customer')?.id;
const pressStart = user => act({ do: 'start', user, chat: user }).catch(e => notice(e.message));

/** scanSteps are those of the company with coffee machines, startSteps those of any other business. */
const scanSteps = (step, s) => [step(1, t('step1'), t('step1why'), first(s) && h('button.main', { type: 'button', onclick: () => scan(first(s), s.machine) }, t('step1do'))), step(2, t('step2'), t('step2why')), step(3, t('step3'), t('step3why'))];
const startSteps = (step, s) => [
  step(1, t('begin1'), t('begin1why'), first(s) && h('button.main', { type: 'button', onclick: () => pressStart(first(s)) }, t('begin1do'))),
  step(2, t('begin2'), t('begin2why')),
  employees().slice(0, 1).map(p => step(3, `${roleName(p.id)[0].toUpperCase() + roleName(p.id).slice(1)}: ${t('begin3')}`, t('begin3why')))];

function guideDone() {
  const turns = state.turns.filter(x => x.fresh), staff = employees().map(p => String(p.id));
  const begun = turns.some(x => !staff.includes(x.chat) && x.dialog);
  const opened = turns.some(x => (x.effects || []).some(e => /DealOpened|deal_opened/i.test(e)));
  const pressed = turns.filter(x => staff.includes(x.chat) && x.kind === 'press').length;
  return [begun, opened, pressed >= (state.try?.machine ? 2 : 1)]; // a job is taken and done
}

function theme(next) {
  document.documentElement.dataset.theme = next;
  store.set('theme', next);
  at('theme').textContent = next === 'dark' ? '☀' : '☾';
}

function speak(next) {
  setLang(next);
  at('lang').textContent = next === 'ru' ? 'EN' : 'RU';
  tabBar();
  draw();
  worldBar();
  guide();
  const kept = narrow;
  const users = phones.map(p => p.user);
  if (users.length) { phones.forEach(p => p.node.remove()); phones = []; state.phones = []; users.forEach(addPhone); show(kept); }
}

at('add').addEventListener('click', () => newPhone(user => addPhone(user).node.scrollIntoView({ behavior: 'smooth', inline: 'end' })));
at('lang').addEventListener('click', () => speak(lang === 'ru' ? 'en' : 'ru'));
at('theme').addEventListener('click', () => theme(document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark'));
at('guide-show').addEventListener('click', () => { store.set('guide', store.get('guide') === 'off' ? 'on' : 'off'); guide(); });

changed.people.watch(people);
changed.wa.watch(numbers);
changed.chat.watch(id => phones.forEach((p, i) => { if (p.user === id || id < 0 && state.chats.get(id)?.members?.[p.user]) { p.render(); if (i !== narrow) at('phone-tabs').children[i]?.classList.toggle('unread', true); } }));
changed.crm.watch(() => { redraw(); later(); reinspect(); });
changed.turn.watch(guide);
changed.turn.watch(lazily(() => { if (tab === 'clock') readClock(); }, 400)); // a turn sets timers
changed.world.watch(() => { const moved = setZone(state.try?.clock.zone); guide(); phones.forEach(p => p.render()); worldBar(); if (moved || tab === 'faults' || tab === 'clock') redraw(); });
changed.faults.watch(() => { tabBar(); if (tab === 'faults') redraw(); });
at('phone-tabs').addEventListener('click', e => e.target.closest('button')?.classList.remove('unread'));

const pending = new Map();
function soon(id) { // many events of one moment, one reading
  if (pending.has(id)) return;
  pending.set(id, setTimeout(() => { pending.delete(id); readChat(id); }, 25));
}

function onSim(e) {
  if (e.kind === 'update') untaken(n => n + 1, e.seq);
  if (e.kind === 'confirmed') { untaken(e.data?.left || 0, e.seq); return; }
  if (e.kind === 'call') { state.calls.push(e.data); state.calls.splice(0, Math.max(0, state.calls.length - 600)); changed.crm.tell(); return; }
  if (e.kind === 'fault' || e.kind === 'reset' || e.kind === 'user') { refresh(); return; }
  if (e.kind === 'toast' && e.data?.toast) phones.filter(p => p.user === e.chat || p.place.chat === e.chat && p.user === e.data.user).forEach(p => p.toast(e.data));
  if (e.kind === 'typing') setTimeout(() => readChat(e.chat), 5200);
  if (e.chat && e.kind !== 'update') soon(e.chat);
}
const refresh = lazily(readAll, 60);

function onTry(e) {
  if (e.kind === 'turn') { state.turns.push(e.data); changed.turn.tell(); changed.crm.tell(); return; }
  if (!state.try) return;
  state.try[e.kind] = e.data;
  changed.world.tell();
  changed.crm.tell();
}

theme(ask.get('theme') || store.get('theme') || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'));
speak(lang);
// The phones need the simulator alone: they wait neither for the CRM nor for the streams, which read everything once more.
readAll().catch(() => { /* the stream asks again */ });
listen('/sim/events', onSim, readAll);
wa.begin();
readTry().then(() => { if (state.try) listen('/try/events', onTry, readTry); });
setInterval(() => { clock.tick(); phones.forEach(p => { p.time.textContent = hm(now()); }); if (state.try && !state.try.database.up) changed.world.tell(); }, 1000);
