// The tab of faults: what goes wrong on the wire, the program and the database.

import { post, remove } from './api.js';
import { fill, h, notice } from './dom.js';
import { span, t } from './i18n.js';
import { changed, nameOf, state } from './state.js';
import { isWa, numberCard } from './wa.js';

const kinds = [
  ['duplicate'], ['reorder'], ['delay', f => ({ delay_ms: f.seconds * 1000 })], ['drop_press'],
  ['too_many_requests', f => ({ retry_after: f.seconds, sticky: true })], ['blocked'], ['server_error', () => ({ code: 500 })],
  ['drop_after', () => ({ method: 'sendMessage' })], ['slow', f => ({ delay_ms: f.seconds * 1000 })],
];
const settings = { seconds: 5, chat: 0 };

const tried = f => f().catch(e => notice(e.message));

export async function render(sheet, again) {
  const armed = kind => state.faults.filter(f => f.kind === kind);
  const arm = (kind, more, times) => tried(() => post('/sim/faults', { kind, times, chat: settings.chat || undefined, ...(more ? more(settings) : {}) }));
  const fault = ([kind, more]) => {
    const on = armed(kind), fired = on.reduce((n, f) => n + f.fired, 0);
    return h('li.fault', { class: on.length ? 'on' : '' },
      h('div', null, h('b', null, t('f_' + kind)), h('small', null, t(`f_${kind}_d`), fired ? ` · ${t('fired')} ${fired}` : '')),
      h('button', { type: 'button', onclick: () => arm(kind, more, 1) }, t('once')),
      h('button', { type: 'button', role: 'switch', 'aria-checked': String(on.some(f => !f.times)), 'aria-label': t('f_' + kind) + ': ' + t('always'), class: 'switch',
        onclick: async () => { if (on.length) for (const f of on) await tried(() => remove('/sim/faults/' + f.id)); else await arm(kind, more, 0); } }));
  };
  const whom = h('select', { 'aria-label': t('whom'), onchange: e => { settings.chat = Number(e.target.value); } },
    h('option', { value: '0' }, t('everyone')), [...new Set(state.phones)].filter(id => !isWa(id)).map(id => h('option', { value: String(id), selected: id === settings.chat }, nameOf(id))));
  const seconds = h('input', { type: 'number', min: '1', max: '600', value: String(settings.seconds), 'aria-label': t('seconds'), onchange: e => { settings.seconds = Number(e.target.value) || 5; } });
  const kept = sheet.contains(document.activeElement) ? document.activeElement.getAttribute('aria-label') || document.activeElement.textContent : null;
  fill(sheet, state.try ? machinery(again) : null,
    h('div.fault-tools', null, h('label', null, t('whom') + ' ', whom), h('label', null, seconds, ' ' + t('seconds'))),
    h('ul.faults', null, kinds.map(fault)),
    state.faults.length ? h('button.wide', { type: 'button', onclick: () => tried(() => remove('/sim/faults/0')) }, t('allOff')) : null);
  if (kept) [...sheet.querySelectorAll('button, select, input')].find(n => (n.getAttribute('aria-label') || n.textContent) === kept)?.focus();
}

/** machinery is the program itself and its database. */
function machinery() {
  const w = state.try.worker, db = state.try.database;
  const left = db.up ? 0 : Math.max(0, (new Date(db.until) - Date.now()) / 1000);
  const order = async (path, body) => { try { const s = await post(path, body); if (path.endsWith('worker')) state.try.worker = s; changed.world.tell(); } catch (e) { notice(e.message); } };
  return h('div.machinery', null,
    h('section', { class: w.running ? 'good' : 'bad' }, h('h3', null, h('span.lamp', { 'aria-hidden': 'true' }), t('worker') + ' ', h('small', null, t(w.running ? 'workerRuns' : 'workerStopped'))), h('p', null, w.why || t('workerWhy')),
      h('div.actions', null, w.running ? [h('button', { type: 'button', onclick: () => order('/try/worker', { do: 'kill' }) }, t('kill')), h('button.plain', { type: 'button', onclick: () => order('/try/worker', { do: 'restart' }) }, t('restart')), h('button.plain', { type: 'button', onclick: () => order('/try/worker', { do: 'stop' }) }, t('stop'))]
        : h('button', { type: 'button', onclick: () => order('/try/worker', { do: 'start' }) }, t('startIt')))),
    h('section', { class: db.up ? 'good' : 'bad' }, h('h3', null, h('span.lamp', { 'aria-hidden': 'true' }), t('database') + ' ', h('small', null, db.up ? t('dbUp') : `${t('dbDown')} ${span(left)}`)), h('p', null, t('dbWhy')),
      h('div.actions', null, h('button', { type: 'button', disabled: !db.up, onclick: () => order('/try/database', { away_seconds: 10 }) }, t('dbKill')))),
    numberCard());
}
