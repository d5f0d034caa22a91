// What the scripts share: named checks, a look at the wire, and requests made by hand.

import { readFileSync } from 'node:fs';

/** What every tool and prompt that needs arguments is called with; both clients read it. */
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

/** A `fetch` that keeps a line of each exchange, such as `POST 200`. */
export function watched(wire, through = fetch) {
  return async (url, init) => {
    const response = await through(url, init);
    wire.push(`${init?.method ?? 'GET'} ${response.status}`);
    return response;
  };
}

/** One request without any client. */
export async function raw(url, method, params, headers = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const text = await response.text();
  return {
    status: response.status,
    session: response.headers.get('mcp-session-id'),
    challenge: response.headers.get('www-authenticate'),
    body: text && JSON.parse(text),
  };
}

/** The answer to each item, by its name. */
export async function each(items, name, ask) {
  const answers = {};
  for (const item of items) {
    answers[item[name]] = await ask(item);
  }
  return answers;
}
