// Small helpers to build the page. Everything that came from people goes in as text, never as markup.

/** h makes an element: h('button.plain', {onclick, 'aria-label': …}, child, …). Children that are null or false are left out. */
export function h(tag, props, ...children) {
  const [name, ...classes] = tag.split('.');
  const node = document.createElement(name || 'div');
  if (classes.length) node.className = classes.join(' ');
  for (const [key, value] of Object.entries(props || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (key === 'class') node.className += ' ' + value;
    else if (key in node && key !== 'list' && typeof value !== 'string') node[key] = value;
    else node.setAttribute(key, value === true ? '' : value);
  }
  put(node, children);
  return node;
}

export function put(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : String(child));
  }
  return node;
}

export function fill(node, ...children) {
  node.replaceChildren();
  return put(node, children);
}

/** cell is a value that tells those who watch it. */
export function topic() {
  const watchers = new Set();
  return { watch: f => watchers.add(f), tell: (...args) => watchers.forEach(f => f(...args)) };
}

/** lazily runs f once after things have settled. */
export function lazily(f, wait) {
  let timer = 0;
  return (...args) => { clearTimeout(timer); timer = setTimeout(() => f(...args), wait); };
}

/** menu opens a list of choices beside a button: [[label, act, danger], …]. Arrow keys move, Escape closes. */
export function menu(anchor, items, extra) {
  document.querySelector('.menu')?.remove();
  const list = h('div.menu', { role: 'menu' }, extra,
    items.filter(Boolean).map(([label, act, danger]) => h('button', {
      type: 'button', role: 'menuitem', class: danger ? 'danger' : '', onclick: () => { close(); act(); },
    }, label)));
  const close = () => { list.remove(); document.removeEventListener('pointerdown', outside, true); anchor.focus?.({ preventScroll: true }); };
  const outside = e => { if (!list.contains(e.target)) close(); };
  list.addEventListener('keydown', e => {
    const all = [...list.querySelectorAll('button')], at = all.indexOf(document.activeElement);
    if (e.key === 'Escape' || e.key === 'Tab') { e.preventDefault(); close(); }
    else if (e.key === 'ArrowDown') { e.preventDefault(); all[(at + 1) % all.length].focus(); }
    else if (e.key === 'ArrowUp') { e.preventDefault(); all[(at - 1 + all.length) % all.length].focus(); }
  });
  document.body.append(list);
  const box = anchor.getBoundingClientRect(), own = list.getBoundingClientRect();
  list.style.left = Math.max(8, Math.min(box.left, innerWidth - own.width - 8)) + 'px';
  const below = box.bottom + 6;
  list.style.top = (below + own.height < innerHeight ? below : Math.max(8, box.top - own.height - 6)) + 'px';
  document.addEventListener('pointerdown', outside, true);
  list.querySelector('button')?.focus();
}

const dialog = () => document.getElementById('dialog');

/** ask opens the one dialog with these children and gives a function that closes it. */
export function ask(title, ...children) {
  const d = dialog();
  const close = () => d.close();
  fill(d, h('div.dialog-head', null, h('h2', { id: 'dialog-title' }, title),
    h('button.plain.round', { type: 'button', 'aria-label': '×', onclick: close }, '×')), children);
  d.setAttribute('aria-labelledby', 'dialog-title');
  if (!d.open) d.showModal();
  return close;
}

let noticeTimer = 0;
export function notice(text) {
  const n = document.getElementById('notice');
  n.textContent = text;
  n.classList.add('on');
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => n.classList.remove('on'), 4500);
}

export function save(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
  const a = h('a', { href: url, download: name });
  a.click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
