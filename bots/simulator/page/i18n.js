// The page's own words in Russian and English. What the bot says comes from its kit.

const words = {
  skip: ['К панели CRM', 'Skip to the CRM pane'],
  stripe: ['Симуляция — ничего не уходит за пределы этого компьютера', 'Simulation — nothing leaves this computer'],
  try: ['попробовать', 'try'],
  addPhone: ['Телефон', 'Phone'], language: ['Switch to English', 'Переключить на русский'], theme: ['Тёмная или светлая тема', 'Dark or light theme'],
  phones: ['Телефоны', 'Phones'], crm: ['CRM', 'CRM'], rows: ['Что сделало сообщение', 'What the message did'],
  customer: ['клиент', 'customer'], technician: ['техник', 'technician'], manager: ['менеджер', 'manager'],
  guideTitle: ['С чего начать', 'Where to begin'],
  step1: ['Отсканируйте наклейку', 'Scan a sticker'], step1do: ['Сканировать № 214', 'Scan No. 214'],
  step1why: ['на телефоне клиента', 'with the customer’s phone'],
  step2: ['Нажмите, что случилось', 'Press what happened'], step2why: ['сделка уже есть — справа в CRM', 'the deal exists — see the CRM'],
  step3: ['Техник: «Беру», потом «Готово»', 'Technician: take it, then done'], step3why: ['клиент узнает сам', 'the customer hears of it'],
  begin1: ['Нажмите «Старт»', 'Press Start'], begin1why: ['на телефоне клиента', 'on the customer’s phone'], begin1do: ['Нажать «Старт»', 'Press Start'], begin2: ['Ответьте боту', 'Answer the bot'], begin2why: ['сделка появится справа в CRM', 'the deal appears in the CRM'],
  begin3: ['нажмите кнопку на карточке', 'press a button on the card'], begin3why: ['сделка идёт дальше', 'the deal goes on'],
  hide: ['Скрыть', 'Hide'], close: ['Закрыть', 'Close'], cancel: ['Отмена', 'Cancel'], ok: ['Понятно', 'OK'],
  bot: ['бот', 'bot'], typing: ['печатает', 'typing'], upload_photo: ['отправляет фото', 'sending a photo'],
  start: ['СТАРТ', 'START'], unblock: ['Разблокировать', 'Unblock'], message: ['Сообщение', 'Message'], send: ['Отправить', 'Send'],
  attach: ['Прикрепить и прочее', 'Attach and more'], commands: ['Меню команд', 'Command menu'], keyboard: ['Клавиатура бота', 'Bot keyboard'],
  scan: ['Сканировать', 'Scan'], scanLong: ['Сканировать наклейку', 'Scan a sticker'], save: ['Записать разговор', 'Save the talk'], phoneMenu: ['Меню телефона', 'Phone menu'],
  emptyChatPlain: ['Нажмите «Старт» — бот ответит.', 'Press Start: the bot answers.'], emptyChatWa: ['Напишите что-нибудь — бот ответит.', 'Write something: the bot answers.'], emptyChat: ['Здесь пока пусто.', 'Nothing here yet.'], emptyChatHow: ['Отсканируйте наклейку автомата или нажмите «Старт».', 'Scan a machine’s sticker or press Start.'],
  photo: ['Фото', 'Photo'], photoOwn: ['Своё фото или файл…', 'Own photo or file…'], photoSmall: ['Маленькое фото 320×240', 'Small photo 320×240'],
  album: ['Альбом из двух фото', 'Album of two photos'], albumTorn: ['Альбом, разорванный связью', 'Album torn by the network'],
  file: ['Документ PDF', 'PDF document'], fileBig: ['Файл 34 МБ', '34 MB file'], voice: ['Голосовое', 'Voice message'], sticker: ['Стикер', 'Sticker'],
  location: ['Геопозиция', 'Location'], contactOwn: ['Мой контакт', 'My contact'], contactOther: ['Чужой контакт', 'Someone else’s contact'],
  forwardAny: ['Пересланное сообщение', 'Forwarded message'], forwardText: ['Посмотрите, пожалуйста', 'Have a look at this, please'], neighbour: ['Сосед', 'A neighbour'], oldButton: ['Нажать старую кнопку…', 'Press an old button…'], noOld: ['Старых кнопок пока нет.', 'There are no old buttons yet.'],
  oldWhy: ['Эти кнопки уже исчезли с экрана, но у кого-то мог остаться старый экран.', 'These buttons are gone from the screen, but an old screen may still show them.'],
  device: ['Второе устройство', 'Second device'], block: ['Заблокировать бота', 'Block the bot'], removePhone: ['Убрать телефон', 'Remove the phone'],
  reply: ['Ответить', 'Reply'], edit: ['Изменить', 'Edit'], remove: ['Удалить', 'Delete'], forward: ['Переслать', 'Forward'], more: ['Действия с сообщением', 'Message actions'],
  showRows: ['Что сделало сообщение', 'What the message did'], edited: ['изменено', 'edited'], deleted: ['Сообщение удалено', 'Message deleted'],
  forwarded: ['Переслано от', 'Forwarded from'], blockedBot: ['Бот заблокирован', 'The bot is blocked'], ownContact: ['Отправить номер', 'Share number'],
  voiceMessage: ['Голосовое сообщение', 'Voice message'], you: ['Вы', 'You'], opened: ['Кнопка открыла бы', 'The button would open'], copied: ['Скопировано', 'Copied'],
  link: ['Ссылка', 'Link'],
  places: ['Чаты и темы', 'Chats and topics'], general: ['Общая тема', 'General'], topicGone: ['тема удалена', 'topic deleted'], operators: ['Операторы', 'Operators'],
  newForum: ['Группа операторов с темами', 'Operators’ group with topics'], bindHere: ['Напишите здесь /bind операторы', 'Type /bind operators here'],
  scanTitle: ['Наклейка на автомате', 'The sticker on a machine'], findMachine: ['Номер, город или адрес', 'Number, city or address'],
  scanInto: ['Сканировать телефоном', 'Scan with the phone of'], scanDo: ['Сканировать', 'Scan'], forged: ['Подделать наклейку', 'Forge the sticker'],
  whose: ['Чей', 'Whose'], newPhone: ['Ещё один телефон', 'Another phone'], name: ['Имя', 'Name'], phoneNumber: ['Номер телефона', 'Phone number'], phoneLang: ['Язык телефона', 'Language of the phone'],
  add: ['Добавить', 'Add'], newName: ['Жанна', 'Ann'],
  deals: ['Сделки', 'Deals'], talk: ['Диалог', 'Conversation'], trace: ['Трасса', 'Trace'], faults: ['Поломки', 'Faults'], clock: ['Часы', 'Clock'],
  contacts: ['Контакты', 'Contacts'], noDeals: ['Сделок пока нет', 'No deals yet'], noDealsPlain: ['Ответьте боту с телефона клиента: сделка появится здесь сама.', 'Answer the bot on the customer’s phone: the deal will appear here by itself.'], noDealsHow: ['Отсканируйте наклейку и нажмите, что случилось: сделка появится здесь сама.', 'Scan a sticker and press what happened: the deal will appear here by itself.'],
  noContacts: ['Контактов пока нет', 'No contacts yet'], back: ['Все сделки', 'All deals'], machine: ['Автомат', 'Machine'], about: ['О чём', 'About'], owner: ['Ответственный', 'Responsible'], nobody: ['никто', 'nobody'],
  contact: ['Контакт', 'Contact'], crew: ['Бригада', 'Crew'], created: ['Создана', 'Created'], fields: ['Поля', 'Fields'], filesTitle: ['Файлы', 'Files'], timeline: ['Лента', 'Timeline'],
  unknownMachine: ['автомат неизвестен', 'machine unknown'], fileWaits: ['ещё загружается', 'being fetched'], fileRefused: ['не принят', 'refused'],
  loading: ['Загружается…', 'Loading…'],
  noTalk: ['Этот человек ещё не писал боту.', 'This person has not written to the bot yet.'], session: ['Сессия', 'Session'], idle: ['ничего не идёт', 'nothing is going on'],
  dialog: ['Диалог', 'Dialog'], stateWord: ['Состояние', 'State'], answers: ['Ответы', 'Answers'], timer: ['Таймер', 'Timer'], noTimer: ['не заведён', 'not set'], outbox: ['Исходящие', 'Outbox'],
  operator: ['Ведёт человек', 'Led by a person'], pendingQ: ['Открытый вопрос', 'Open question'], due: ['сработает', 'fires'], overdue: ['сейчас', 'now'],
  noTurns: ['Ходов ещё не было. Напишите боту.', 'No turns yet. Write to the bot.'], update: ['обновление', 'update'], stored: ['дедупликация, замок, чтение', 'dedupe, lock, read'],
  duplicate: ['повтор — на этом всё', 'a repeat — ends here'], transition: ['переход', 'transition'], effects: ['эффекты', 'effects'], commit: ['запись и коммит', 'write and commit'],
  inGroup: ['вместе с другими', 'shared by'], call: ['вызов API', 'API call'], noEffects: ['без эффектов', 'no effects'], waits: ['ждёт отправки', 'waits to be sent'],
  sent: ['отправлено', 'sent'], queued: ['в очереди', 'queued'], failed: ['не удалось', 'failed'], superseded: ['заменено следующим', 'superseded'], cancelled: ['отменено', 'cancelled'], dead: ['мёртвое письмо', 'dead letter'],
  received: ['принято', 'received'], ignored: ['только записано', 'recorded only'], waiting: ['ждёт', 'waits'],
  rowsMessages: ['messages', 'messages'], noRows: ['В базе об этом пока ничего нет: ход ещё не прошёл или сообщение боту не сообщают.', 'Nothing in the database about it yet: the turn is under way, or bots are not told of this.'],
  rawJson: ['JSON', 'JSON'], thisMessage: ['Само сообщение', 'The message itself'], turnOf: ['Ход, вызванный', 'The turn caused by'], wrote: ['записал', 'wrote'],
  once: ['Раз', 'Once'], always: ['Всегда', 'Always'], fired: ['сработало', 'fired'], allOff: ['Выключить все поломки', 'Switch all faults off'],
  whom: ['Кому', 'For'], everyone: ['всем', 'everyone'], seconds: ['секунд', 'seconds'],
  f_duplicate: ['Доставить дважды', 'Deliver twice'], f_duplicate_d: ['Обновление приходит боту два раза', 'The bot gets an update twice'],
  f_reorder: ['Перепутать порядок', 'Reorder'], f_reorder_d: ['Обновление придёт после следующего', 'An update comes after the next one'],
  f_delay: ['Задержать', 'Delay'], f_delay_d: ['Обновление приходит позже', 'An update comes later'],
  f_drop_press: ['Терять нажатия', 'Drop presses'], f_drop_press_d: ['Нажатие не доходит до бота', 'A press never reaches the bot'],
  f_too_many_requests: ['429: слишком часто', '429: too many requests'], f_too_many_requests_d: ['Telegram просит подождать', 'Telegram asks to wait'],
  f_blocked: ['403: бот заблокирован', '403: blocked'], f_blocked_d: ['Отправка отклоняется навсегда', 'Sending is refused for good'],
  f_server_error: ['500: ошибка Telegram', '500: Telegram broke'], f_server_error_d: ['Сервер ответил ошибкой', 'The server answered with an error'],
  f_drop_after: ['Потерять ответ', 'Lose the answer'], f_drop_after_d: ['Сообщение ушло, ответ о нём пропал', 'It was sent, the answer to it is lost'],
  f_slow: ['Медленная сеть', 'Slow network'], f_slow_d: ['Каждый вызов дольше', 'Every call takes longer'],
  worker: ['Программа', 'The program'], workerRuns: ['работает', 'runs'], workerStopped: ['остановлена', 'stopped'], restart: ['Перезапустить', 'Restart'], stop: ['Остановить', 'Stop'], startIt: ['Запустить', 'Start'],
  workerWhy: ['«Убить» рвёт на полуслове все её соединения, с базой и с Telegram, и поднимает её заново. Что написали без неё, она прочтёт потом.', '“Kill” breaks all its connections in mid-word, to the database and to Telegram, and starts it again. What was written meanwhile is read later.'],
  database: ['База данных', 'Database'], dbUp: ['работает', 'is up'], dbDown: ['лежит, вернётся через', 'is down, back in'], dbKill: ['Уронить на 10 с', 'Take down for 10 s'],
  dbWhy: ['PostgreSQL останавливается по-настоящему. Сообщения ждут у Telegram.', 'PostgreSQL is really stopped. Messages wait at Telegram.'],
  simTime: ['Время в симуляции', 'Simulated time'], ahead: ['впереди настоящего на', 'ahead of real time by'], realTime: ['идёт вместе с настоящим', 'runs with real time'],
  plusHour: ['+1 час', '+1 hour'], plusDay: ['+24 часа', '+24 hours'], plusHalf: ['+30 минут', '+30 minutes'], nextTimer: ['К ближайшему таймеру', 'To the next timer'], noTimers: ['Таймеров нет', 'No timer is set'],
  nextAt: ['Ближайший таймер', 'Next timer'], clockWhy: ['Часы идут только вперёд. Напоминания и тайм-ауты срабатывают сразу.', 'The clock only goes forward. Reminders and timeouts fire at once.'],
  zone: ['Часовой пояс', 'Time zone'], people: ['Люди', 'People'], open: ['на месте до', 'at work until'], shut: ['придут', 'come on'], alwaysOpen: ['на месте всегда', 'always at work'], neverOpen: ['не на месте', 'not at work'], noQuiet: ['не заданы', 'none'], toOpen: ['К началу дня', 'To the start of work'], toShut: ['К концу дня', 'To the end of work'],
  quiet: ['Тихие часы', 'Quiet hours'], silent: ['роботы молчат до', 'robots are silent until'], awake: ['начнутся', 'begin'], toQuiet: ['К тихим часам', 'To the quiet hours'], toAwake: ['К их концу', 'To their end'],
  kill: ['Убить и поднять', 'Kill and restart'],
  phoneCalls: ['Вызовы', 'Calls'], saved: ['Разговор сохранён', 'The talk is saved'], h: ['ч', 'h'], min: ['мин', 'min'], s: ['с', 's'], d: ['д', 'd'],
  e_deal_opened: ['Сделка открыта', 'Deal opened'], e_deal_moved: ['Этап', 'Stage'], e_deal_changed: ['Поля изменены', 'Fields changed'], e_deal_owned: ['Ответственный', 'Responsible'],
  e_comment: ['Комментарий', 'Comment'], e_attached: ['Файлы приложены', 'Files attached'], e_contact_met: ['Новый контакт', 'New contact'], e_contact_changed: ['Контакт изменён', 'Contact changed'],
  e_human_wanted: ['Просит человека', 'Wants a person'], e_talk_taken: ['Диалог взят', 'Talk taken over'], e_talk_returned: ['Диалог возвращён боту', 'Talk given back'], e_task_added: ['Задача', 'Task'],
  e_unknown_code: ['Неизвестный код', 'Unknown code'], e_send_failed: ['Не отправлено', 'Not sent'], e_unreachable: ['Недоступен', 'Unreachable'], e_note: ['Заметка', 'Note'],
  e_dialog_finished: ['Диалог закончен', 'Dialog finished'], e_dialog_started: ['Диалог начат', 'Dialog started'], e_deal_refused: ['Нет доступа', 'No access'], e_nobody_told: ['Некому сообщить', 'Nobody to tell'],
  waWaiting: ['Ожидание сообщения', 'Waiting for this message'], waNoCode: ['WhatsApp не дал кода. Попробуйте ещё раз.', 'WhatsApp gave no code. Try again.'],
  waLinkTitle: ['Связать номер заново', 'Link the number again'], waLinkWhy: ['Этот код показал бы «govorun pair». Отсканируйте его телефоном компании.', 'This is the code that “govorun pair” shows. Scan it with the company’s phone.'],
  waCode: ['Код для связи с телефоном', 'Code that links the phone'], waScan: ['Сканировать телефоном компании', 'Scan with the company’s phone'], waLinkAgain: ['Связать номер заново', 'Link the number again'],
  waHidden: ['номер скрыт', 'number hidden'], waUnlinked: ['номер отвязан', 'number not linked'], waBanned: ['заблокирован на время', 'banned for a while'], waOnline: ['в сети', 'online'], waOffline: ['не в сети', 'offline'],
  waRead: ['Прочитать', 'Mark as read'], waRevoke: ['Удалить у всех', 'Delete for everyone'], waUnreadable: ['Следующее не расшифруется сразу', 'The next one can’t be opened at first'], waNeverReadable: ['Следующее не расшифруется совсем', 'The next one can never be opened'],
  waShowNumber: ['Показать номер', 'Show the number'], waByLid: ['Писать со скрытым номером', 'Write with the number hidden'], waReinstall: ['Переустановить WhatsApp', 'Install WhatsApp anew'],
  waOwnPhone: ['Написать с телефона компании', 'Write from the company’s phone'], waOwnWhy: ['Так пишет сам оператор. Бот в этом чате замолчит.', 'This is an operator’s own writing. The bot goes silent in this chat.'],
  waWhy: ['Номер компании в симуляции WhatsApp.', 'The company’s number in the simulated WhatsApp.'], waBan: ['Заблокировать на час', 'Ban for an hour'], waUnban: ['Снять блокировку', 'End the ban'], waUnbanned: ['Программа вернётся, когда блокировка кончилась бы, или после перезапуска.', 'The program comes back when the ban would have ended, or after a restart.'], waUnlink: ['Отвязать с телефона', 'Unlink by the phone'], waDrop: ['Оборвать связь', 'Cut the connection'], wa463: ['463 на следующее', '463 for the next one'],
  a_person: ['человек', 'person'], a_bot: ['бот', 'bot'], a_employee: ['сотрудник', 'employee'], a_system: ['система', 'system'],
};

const asked = new URLSearchParams(location.search).get('lang');
const kept = (() => { try { return localStorage.getItem('lang'); } catch { return null; } })();
export let lang = asked || kept || (navigator.language.startsWith('ru') ? 'ru' : 'en');

export function t(key) {
  const w = words[key];
  return w ? w[lang === 'ru' ? 0 : 1] : key;
}
export const has = key => key in words;

export function setLang(next) {
  lang = next;
  try { localStorage.setItem('lang', next); } catch { /* private window */ }
  document.documentElement.lang = next;
  for (const n of document.querySelectorAll('[data-t]')) n.textContent = t(n.dataset.t);
  for (const n of document.querySelectorAll('[data-label]')) { n.setAttribute('aria-label', t(n.dataset.label)); n.title = n.tagName === 'BUTTON' ? t(n.dataset.label) : ''; }
}

let zone; // of the business: what bots say of times is in it
export function setZone(name) { // tells whether times read otherwise now
  const was = zone;
  zone = name || undefined;
  return zone !== was;
}
const locale = () => lang === 'ru' ? 'ru-RU' : 'en-GB';
export const hm = d => new Date(d).toLocaleTimeString(locale(), { hour: '2-digit', minute: '2-digit', timeZone: zone });
export const hms = d => new Date(d).toLocaleTimeString(locale(), { hour: '2-digit', minute: '2-digit', second: '2-digit', timeZone: zone });
export const day = d => new Date(d).toLocaleDateString(locale(), { day: 'numeric', month: 'long', timeZone: zone });
export const when = d => day(d) + ', ' + hm(d);
export const ms = us => us >= 1e6 ? (us / 1e6).toFixed(1) + ' ' + t('s') : (us / 1000).toLocaleString(locale(), { maximumFractionDigits: us < 10000 ? 2 : 0 }) + (lang === 'ru' ? ' мс' : ' ms');
export function span(seconds) {
  const s = Math.max(0, Math.round(seconds)), d = Math.floor(s / 86400), hours = Math.floor(s % 86400 / 3600), m = Math.floor(s % 3600 / 60);
  const parts = [[d, 'd'], [hours, 'h'], [m, 'min']].filter(([n]) => n).map(([n, u]) => n + ' ' + t(u));
  return parts.slice(0, 2).join(' ') || s + ' ' + t('s');
}
export function size(bytes) {
  const mb = bytes / 1048576;
  return mb >= 1 ? mb.toFixed(1) + (lang === 'ru' ? ' МБ' : ' MB') : Math.max(1, Math.round(bytes / 1024)) + (lang === 'ru' ? ' КБ' : ' KB');
}
