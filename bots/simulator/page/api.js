// What the page asks of the server. Every refusal is a sentence, thrown as an Error.

async function answer(response) {
  const text = await response.text();
  let body = null;
  try { body = text ? JSON.parse(text) : null; } catch { body = text; }
  if (!response.ok) throw Object.assign(new Error(body?.error || response.statusText), { code: response.status });
  return body;
}

export const get = path => fetch(path).then(answer);
const send = (method, path, body) => fetch(path, { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }).then(answer);
export const post = (path, body) => send('POST', path, body);
export const remove = path => fetch(path, { method: 'DELETE' }).then(answer);
export const text = path => fetch(path).then(r => r.text());

/** act does a deed of a person; files are sent beside it. */
export function act(action, files) {
  if (!files) return post('/sim/do', action);
  const form = new FormData();
  form.append('action', JSON.stringify(action));
  files.forEach((file, i) => form.append(files.length > 1 ? 'file' + i : 'file', file));
  return fetch('/sim/do', { method: 'POST', body: form }).then(answer);
}

/**
 * listen streams events; back is called after each (re)connection, to read everything anew. A page that nobody sees lets its
 * streams go: a browser opens six connections to a host in all, and three pages in the background would leave none for a fourth.
 */
export function listen(path, event, back) {
  let source = null;
  const open = () => {
    if (source || document.hidden) return;
    const own = source = new EventSource(path);
    own.addEventListener('hello', back);
    own.onmessage = m => event(JSON.parse(m.data));
    own.onerror = () => { if (own.readyState === EventSource.CLOSED && source === own) { source = null; setTimeout(open, 2000); } };
  };
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) { source?.close(); source = null; } else open();
  });
  open();
}

export const board = {
  deals: lang => get(`/board/deals?lang=${lang}`),
  deal: (id, lang) => get(`/board/deals/${id}?lang=${lang}`),
  contacts: () => get('/board/contacts'),
  conversation: (address, lang) => get(`/board/conversation?${address}&lang=${lang}`),
  message: (address, id, out, lang) => get(`/board/message?${address}&ref=${id}&dir=${out ? 'out' : 'in'}&lang=${lang}`),
  turn: (id, lang) => get(`/board/turns/${id}?lang=${lang}`),
};
