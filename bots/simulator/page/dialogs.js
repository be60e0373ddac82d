// The two windows of the page: the sticker that is scanned, and another phone.

import { act, get, post } from './api.js';
import { ask, fill, h, lazily, notice } from './dom.js';
import { lang, t } from './i18n.js';
import { nameIn, nameOf, readAll, state } from './state.js';
import { isWa, newPerson, write } from './wa.js';

/** scan hands a sticker's code to a phone, as a camera and Start do; WhatsApp opens the chat with a text ready to send. */
export async function scan(user, code) {
  try {
    if (isWa(user)) { write(user, (await get('/try/whatsapp/machines/' + encodeURIComponent(code))).text); return; }
    const m = await get('/try/machines/' + encodeURIComponent(code));
    await act({ do: 'start', user, chat: user, text: m.payload });
  } catch (e) { notice(e.message); }
}

export async function stickers(user) {
  let chosen = null;
  const list = h('ul.machines', { 'aria-label': t('machine') });
  const picture = h('div.qr');
  const who = h('select', { 'aria-label': t('scanInto') }, [...new Set(state.phones)].map(id => h('option', { value: String(id), selected: id === user }, nameOf(id))));
  const pick = async m => {
    chosen = m;
    for (const b of list.querySelectorAll('button')) b.setAttribute('aria-pressed', String(b.dataset.code === m.code));
    fill(picture, h('img', { src: `/try/machines/${encodeURIComponent(m.code)}/qr.png`, alt: `QR № ${m.code}` }));
  };
  const find = async () => {
    try {
      const found = await get('/try/machines?q=' + encodeURIComponent(search.value.trim()));
      const name = m => m.fields?.['name_' + lang] || m.name, address = m => m.fields?.['address_' + lang] || m.address;
      fill(list, (found || []).map(m => h('li', null, h('button.plain', { type: 'button', 'data-code': m.code, onclick: () => pick(m) }, h('b', null, '№ ' + m.code + ' '), name(m), h('small', null, m.city + ', ' + address(m))))));
      if (found?.length) pick(found[0]);
    } catch (e) { notice(e.message); }
  };
  const search = h('input', { type: 'search', value: state.try?.machine || '', placeholder: t('findMachine'), 'aria-label': t('findMachine'), oninput: lazily(find, 200) });
  const go = async forged => {
    if (!chosen) return;
    close();
    const user = isWa(who.value) ? who.value : Number(who.value);
    if (!forged) return scan(user, chosen.code);
    if (isWa(user)) { const own = (await get('/try/whatsapp/machines/' + encodeURIComponent(chosen.code))).text; write(user, own.slice(0, -1) + (own.at(-1) === 'A' ? 'B' : 'A')); return; }
    const m = await get('/try/machines/' + encodeURIComponent(chosen.code));
    const last = m.payload.at(-1) === 'A' ? 'B' : 'A';
    await act({ do: 'start', user, chat: user, text: m.payload.slice(0, -1) + last }).catch(e => notice(e.message));
  };
  const close = ask(t('scanTitle'), h('div.scan-dialog', null, h('div', null, search, list), h('div', null, picture,
    h('label', null, t('scanInto') + ' ', who),
    h('div.actions', null, h('button.main', { type: 'button', id: 'scan-go', onclick: () => go(false) }, '▣ ' + t('scanDo')), h('button.plain', { type: 'button', onclick: () => go(true) }, t('forged'))))));
  await find();
}

export function newPhone(add) {
  const name = h('input', { value: t('newName'), required: true, maxlength: '64' });
  const phone = h('input', { value: '+7 707 000-00-' + String(10 + state.users.size), inputmode: 'tel' });
  const language = h('select', null, [['ru', 'Русский'], ['en', 'English'], ['kk', 'Қазақша']].map(([v, l]) => h('option', { value: v, selected: v === lang }, l)));
  const role = h('select', { onchange: () => { for (const l of own) l.hidden = !['', 'whatsapp', 'hidden'].includes(role.value); own[1].hidden ||= role.value === 'hidden'; } }, h('option', { value: '' }, t('customer')), state.wa ? [h('option', { value: 'whatsapp' }, t('customer') + ' · WhatsApp'), h('option', { value: 'hidden' }, t('waHidden') + ' · WhatsApp')] : null, (state.try?.roles || []).map(r => h('option', { value: r.role }, nameIn(r.names, r.role))));
  const own = [h('label', null, t('name'), name), h('label', null, t('phoneNumber'), phone)]; // an employee has a name and a number
  const close = ask(t('newPhone'), h('form', { class: 'form', onsubmit: async e => {
    e.preventDefault();
    try {
      if (role.value === 'whatsapp' || role.value === 'hidden') {
        const user = await newPerson(name.value, role.value === 'hidden' ? '' : phone.value);
        close();
        return add(user);
      }
      if (role.value) {
        const p = await post('/try/people', { role: role.value, lang: language.value });
        if (!state.try.people.some(other => other.id === p.id)) state.try.people.push(p);
        await readAll();
        close();
        return add(p.id);
      }
      const u = await post('/sim/users', { first_name: name.value, language_code: language.value, phone: phone.value.replace(/\D/g, '') });
      state.users.set(u.id, u);
      close();
      add(u.id);
    } catch (err) { notice(err.message); }
  } }, state.try?.roles?.length ? h('label', null, t('whose'), role) : null, own[0], h('label', null, t('phoneLang'), language), own[1],
    h('div.actions', null, h('button.main', { type: 'submit' }, t('add')))));
}
