// Files that came with messages, as small pictures and names.

import { h } from './dom.js';
import { size, t } from './i18n.js';

export function thumbs(files) {
  return h('div.thumbs', null, files.map(f => {
    const url = '/board/files/' + f.id;
    if (f.status !== 'stored') return h('span.thumb.waiting', { title: f.reason }, f.status === 'pending' ? t('fileWaits') : t('fileRefused') + ' ' + f.reason);
    if (/^image\/(jpeg|png|webp)$/.test(f.mime)) return h('a.thumb', { href: url, target: '_blank', rel: 'noopener' }, h('img', { src: url, alt: f.file_name || t('photo') + ' ' + f.id, loading: 'lazy' }));
    return h('a.thumb.waiting', { href: url, download: '' }, '📄 ' + (f.file_name || f.kind) + ' ' + size(f.size));
  }));
}
