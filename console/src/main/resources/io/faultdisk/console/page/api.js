// The HTTP API: each call ends when the change is in force, or throws the server's words.

const KEY = 'faultdisk-token';

/** What the server said instead of doing it. */
export class ApiError extends Error {
  constructor(message, hint, status) {
    super(message);
    this.hint = hint;
    this.status = status;
  }
}

/** Hears 'unauthorised' when the token is missing or wrong. */
export const gate = new EventTarget();

// The token comes in the address once, and leaves it before anybody can copy it from there.
const address = new URL(location.href);
if (address.searchParams.has('token')) {
  sessionStorage.setItem(KEY, address.searchParams.get('token'));
  address.searchParams.delete('token');
  history.replaceState(null, '', address);
}

export const token = () => sessionStorage.getItem(KEY) ?? '';
export const setToken = (value) => sessionStorage.setItem(KEY, value);

/** A path with the token, for what cannot send a header: streams and new tabs. */
export function withToken(path) {
  return token() === '' ? path : path + (path.includes('?') ? '&' : '?') + 'token=' + encodeURIComponent(token());
}

async function call(method, path, body, type) {
  const headers = {};
  if (token() !== '') headers.Authorization = 'Bearer ' + token();
  const options = { method, headers, cache: 'no-store', credentials: 'omit' };
  if (body !== undefined || method !== 'GET') {
    headers['Content-Type'] = type ?? 'application/json';
    options.body = type ? body : JSON.stringify(body ?? {});
  }
  if (method === 'DELETE') delete options.body;
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new ApiError('The server cannot be reached', 'Is it still running?', 0);
  }
  const text = await response.text();
  const json = (response.headers.get('Content-Type') ?? '').includes('json');
  let answer = text;
  if (json && text !== '') answer = JSON.parse(text);
  if (response.status === 401) gate.dispatchEvent(new Event('unauthorised'));
  if (!response.ok) {
    throw new ApiError(answer?.error ?? `${response.status} ${response.statusText}`, answer?.hint, response.status);
  }
  return answer;
}

export const get = (path) => call('GET', path);
export const post = (path, body) => call('POST', path, body);
export const put = (path, body) => call('PUT', path, body);
export const remove = (path) => call('DELETE', path);
export const postText = (path, text) => call('POST', path, text, 'text/plain');
export const putText = (path, text) => call('PUT', path, text, 'text/plain');

/** The path of a disk, or of something of it. */
export const diskPath = (disk, ...rest) => ['disks', encodeURIComponent(disk), ...rest.map(encodeURIComponent)].join('/');
