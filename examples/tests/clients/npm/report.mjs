// What the scripts share: named checks, a look at the wire, and requests made by hand.

import { readFileSync } from 'node:fs';

/** What tools and prompts that need arguments are called with, by server. */
export const ARGUMENTS = JSON.parse(readFileSync(new URL('../arguments.json', import.meta.url)));

/** Facts by name. A check that throws is listed under `failed`, and the script's status is 1. */
export class Report {
  #facts = {};
  #failed = {};

  async check(name, run) {
    try {
      this.#facts[name] = await run();
    } catch (error) {
      this.#failed[name] = String(error?.stack ?? error);
      process.exitCode = 1;
    }
  }

  print() {
    console.log(JSON.stringify({ ...this.#facts, failed: this.#failed }));
  }
}

/** How a client says that something went wrong. */
export async function problem(promise) {
  let result;
  try {
    result = await promise;
  } catch (error) {
    const { code, message, data } = error;
    return { type: error.constructor.name, code, message, data };
  }
  throw new Error(`an error was expected, and this came: ${JSON.stringify(result)}`);
}

/** A result, or how the client says that there is none. */
export function outcome(promise) {
  return promise.catch(({ code, message, data }) => ({ refused: { code, message, data } }));
}

/** A `fetch` that keeps a line of each exchange, such as `POST 200`. */
export function watched(wire) {
  return async (url, init) => {
    const response = await fetch(url, init);
    wire.push(`${init?.method ?? 'GET'} ${response.status}`);
    return response;
  };
}

/** A `fetch` that puts each exchange into an inbox when it is answered; what it received grows. */
export function recorded(exchanges) {
  return async (url, init) => {
    const response = await fetch(url, init);
    const exchange = {
      line: `${init?.method ?? 'GET'} ${response.status}`,
      sent: init?.body && JSON.parse(init.body),
      last_event_id: new Headers(init?.headers).get('last-event-id'),
      received: '',
    };
    // Whether it came to its end.
    exchange.ended = read(response.clone(), exchange).then(() => true, () => false);
    exchanges.put(exchange);
    return response;
  };
}

async function read(response, exchange) {
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    exchange.received += decoder.decode(bytes, { stream: true });
  }
}

/** The events of a stream: `id`, `retry` and what `data` says, as far as they are there. */
export function events(text) {
  const event = block => Object.fromEntries(block.split('\n').flatMap(line => {
    const [, field, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    return field ? [[field, field === 'data' && value ? JSON.parse(value) : value]] : [];
  }));
  return text.split('\n\n').map(event).filter(event => Object.keys(event).length);
}

/** What has arrived, for whoever waits for some of it. */
export class Inbox {
  all = [];
  #waiting = [];

  put(item) {
    this.all.push(item);
    this.#waiting = this.#waiting.filter(wakes => !wakes(item));
  }

  /** The first that fits, be it there already or yet to come. */
  find(fits) {
    return within(new Promise(resolve => {
      const wakes = item => fits(item) && (resolve(item), true);
      if (!this.all.some(wakes)) {
        this.#waiting.push(wakes);
      }
    }), fits);
  }
}

/** Waits, but not for ever. */
export function within(promise, what, seconds = 10) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${seconds} s: ${what}`)), seconds * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** One exchange without any client, as text. */
export async function exchange(url, method, headers, body) {
  const response = await fetch(url, { method, headers, body });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    text: await response.text(),
  };
}

/** One request without any client. */
export async function raw(url, method, params, headers = {}) {
  const message = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
  const { text, ...answer } = await exchange(url, 'POST', {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...headers,
  }, message);
  const streamed = answer.headers['content-type']?.startsWith('text/event-stream');
  return { ...answer, body: streamed ? events(text) : JSON.parse(text) };
}

/** The answer to each item, by what the item is called. */
export async function each(items, ask) {
  const answers = {};
  for (const item of items) {
    answers[item] = await ask(item);
  }
  return answers;
}
