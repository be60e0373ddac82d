// The tab of deals and contacts, and one deal with its story.

import { board } from './api.js';
import { fill, h } from './dom.js';
import { lang, t, has, when, hms } from './i18n.js';
import { thumbs } from './files.js';
import { plainContent } from './rows.js';
import { state } from './state.js';

const view = { deal: 0, list: 'deals' };

export function openDeal(id) { view.deal = id; view.list = 'deals'; }

export async function render(sheet, again) {
  if (view.deal) return renderDeal(sheet, again);
  const contacts = view.list === 'contacts';
  const rows = contacts ? await board.contacts() : await board.deals(lang);
  const tab = (name, label) => h('button', { type: 'button', 'aria-pressed': String(view.list === name), onclick: () => { view.list = name; again(); } }, label);
  fill(sheet, h('div.segments', { role: 'group' }, tab('deals', t('deals')), tab('contacts', t('contacts'))),
    contacts ? contactList(rows) : dealList(rows, again));
}

function dealList(rows, again) {
  if (!rows.length) return h('div.nothing', null, h('span', { 'aria-hidden': 'true' }, '🗂'), h('b', null, t('noDeals')), h('p', null, t(state.try?.machine ? 'noDealsHow' : 'noDealsPlain')));
  return h('ul.cards', null, rows.map(d => h('li', null, h('button.deal', { type: 'button', class: d.status, 'data-deal': String(d.id), onclick: () => { view.deal = d.id; again(); } },
    h('span.deal-top', null, h('b', null, '№ ' + d.id), h('span.stage', null, d.stage_name), h('time', null, when(d.created_at))),
    h('span.deal-title', null, d.title || '—'),
    h('span.deal-sub', null, place(d), d.owner ? h('span', null, '👷 ' + d.owner) : null, d.contact ? h('span', null, '👤 ' + d.contact) : null, d.files ? h('span', null, '📎 ' + d.files) : null)))));
}

// A business without machines misses none, and what a deal of it is about need be no machine.
const unknown = () => state.try?.machine ? t('unknownMachine') : '';
const words = (...parts) => parts.filter(Boolean).join(', ');
const place = d => d.machine ? h('span', null, `${unknown() ? '☕' : '📍'} ${words(d.machine, d.city)}`) : unknown() ? h('span', null, '☕ ' + unknown()) : d.city ? h('span', null, '📍 ' + d.city) : null;

function contactList(rows) {
  if (!rows.length) return h('div.nothing', null, h('span', { 'aria-hidden': 'true' }, '👤'), h('b', null, t('noContacts')));
  return h('ul.cards', null, rows.map(c => h('li.contact', null, h('span.avatar.small', { 'aria-hidden': 'true', class: 'c' + c.id % 6 }, (c.name || '?')[0]),
    h('span', null, h('b', null, c.name || '№ ' + c.id), h('small', null, [c.phone, c.lang, t('deals') + ': ' + c.deals].filter(Boolean).join(' · '))), h('time', null, when(c.created_at)))));
}

async function renderDeal(sheet, again) {
  const { deal: d, timeline, files } = await board.deal(view.deal, lang);
  const fact = (name, value) => value ? [h('dt', null, name), h('dd', null, value)] : null;
  fill(sheet, h('button.plain.back', { type: 'button', onclick: () => { view.deal = 0; again(); } }, '← ' + t('back')),
    h('div.deal-head', { class: d.status }, h('h2', null, '№ ' + d.id), h('span.stage', null, d.stage_name), h('small', null, d.pipeline_name)),
    h('p.deal-title', null, d.title),
    h('dl', null, fact(t(state.try?.machine ? 'machine' : 'about'), d.machine ? [d.machine, d.machine_name, words(d.city, d.address)].filter(Boolean).join(' · ') : unknown()), fact(t('contact'), [d.contact, d.phone].filter(Boolean).join(', ')),
      fact(t('owner'), d.owner ? `${d.owner}, ${d.owner_role_name}` : t('nobody')), fact(t('crew'), d.crew), fact(t('created'), when(d.created_at)),
      Object.entries(d.fields || {}).filter(([, v]) => v !== null && v !== '').map(([k, v]) => fact(k, typeof v === 'object' ? JSON.stringify(v) : String(v)))),
    files.length ? [h('h3', null, t('filesTitle')), thumbs(files)] : null,
    h('h3', null, t('timeline')), h('ol.timeline', null, timeline.map(line)));
}

function line(l) {
  const e = l.event, m = l.message;
  if (e) {
    const what = l.stage || (e.kind === 'deal_owned' ? e.employee : e.kind === 'deal_changed' ? Object.entries(e.data).map(([k, v]) => `${k}: ${v}`).join(', ') : e.data?.text || e.data?.title || e.data?.reason || '');
    return h('li.event', null, h('time', null, hms(l.at)), h('span', null, h('b', null, has('e_' + e.kind) ? t('e_' + e.kind) : e.kind), what ? ' · ' + what : '', h('small', null, ' ' + (e.employee || t('a_' + e.author)))));
  }
  return h('li.said', { class: m.direction }, h('time', null, hms(l.at)), h('span', null, h('small', null, t('a_' + m.author) + ' '), plainContent(m)));
}
