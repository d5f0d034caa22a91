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

/** A `fetch` that keeps a line of each exchange, such as `POST 200`. */
export function watched(wire) {
  return async (url, init) => {
    const response = await fetch(url, init);
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
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.json(),
  };
}

/** The answer to each item, by what the item is called. */
export async function each(items, ask) {
  const answers = {};
  for (const item of items) {
    answers[item] = await ask(item);
  }
  return answers;
}
