// The tab of the simulated clock.

import { post } from './api.js';
import { fill, h, notice } from './dom.js';
import { day, hms, span, t, when } from './i18n.js';
import { changed, now, readClock, state } from './state.js';

export async function render(sheet) {
  const c = state.try?.clock;
  if (!c) { fill(sheet, h('div.nothing', null, h('b', null, t('realTime')))); return; }
  const move = async body => {
    try { state.try.clock = await post('/try/clock', body); changed.world.tell(); setTimeout(readClock, 900); } catch (e) { notice(e.message); }
  };
  const due = c.next_due ? new Date(c.next_due) : null;
  const button = (label, body, extra) => h('button', { type: 'button', onclick: () => move(body), ...extra }, label);
  // A business without hours is always there, and one without quiet hours always awake: then there is nothing to go to.
  const hours = (until, words, never, there, to) => h('dd', { class: 'turned' }, until ? `${t(words)} ${when(until)}` : t(never), until ? button(t(there), { until: to }) : null);
  const kept = sheet.contains(document.activeElement) ? document.activeElement.textContent : null;
  fill(sheet, h('div.clock', null, h('small', null, t('simTime')), h('time.face', { id: 'face' }, hms(now())), h('b', null, day(now())),
    h('small', null, c.ahead_seconds > 1 ? `${t('ahead')} ${span(c.ahead_seconds)}` : t('realTime'))),
    h('div.clock-buttons', null, button(t('plusHalf'), { forward_seconds: 1800 }), button(t('plusHour'), { forward_seconds: 3600 }), button(t('plusDay'), { forward_seconds: 86400 }),
      button('⏰ ' + t('nextTimer'), { next: true }, { class: 'main', disabled: !due })),
    h('p.hint', null, due ? `${t('nextAt')}: ${when(due)} · ${span(Math.max(0, (due - now()) / 1000))}` : t('noTimers')),
    h('dl', null, h('dt', null, t('zone')), h('dd', null, c.zone),
      h('dt', null, t('people')), c.open ? hours(c.open_until, 'open', 'alwaysOpen', 'toShut', 'closed') : hours(c.open_until, 'shut', 'neverOpen', 'toOpen', 'open'),
      h('dt', null, t('quiet')), c.quiet ? hours(c.quiet_until, 'silent', 'noQuiet', 'toAwake', 'awake') : hours(c.quiet_until, 'awake', 'noQuiet', 'toQuiet', 'quiet')),
    h('p.hint', null, t('clockWhy')));
  if (kept) [...sheet.querySelectorAll('button')].find(n => n.textContent === kept)?.focus();
}

export function tick() {
  const face = document.getElementById('face');
  if (face) face.textContent = hms(now());
}
