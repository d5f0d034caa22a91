// What the scripts of `@modelcontextprotocol/client` share: one client, in the revision and over the
// transport that it is told.

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

import { Inbox, recorded } from './report.mjs';

const ME = { name: 'npm-client-v2', version: '1.0.0' };
const CAPABILITIES = { elicitation: { form: {} } };

/** The client's own option: `legacy` starts with `initialize`, its default; `modern` is 2026-07-28. */
export const MODES = { legacy: 'legacy', auto: 'auto', modern: { pin: '2026-07-28' } };

/**
 * Connects, lets `visit` do what it likes, and closes. The target is an address, or a program that
 * serves over its standard input and output when it is given `--stdio`.
 */
export async function connected(target, mode, visit, options) {
  const visitor = new Visitor(target, mode, options);
  await visitor.client.connect(visitor.transport);
  try {
    return await visit(visitor);
  } finally {
    visitor.client.onerror = undefined;
    await visitor.transport.terminateSession?.();
    await visitor.client.close();
  }
}

class Visitor {
  exchanges = new Inbox();
  messages = new Inbox();
  noise = [];

  constructor(target, mode, options) {
    const versionNegotiation = { mode: MODES[mode] };
    this.client = new Client(ME, { capabilities: CAPABILITIES, versionNegotiation, ...options });
    this.transport = target.startsWith('http')
      ? new StreamableHTTPClientTransport(new URL(target), { fetch: recorded(this.exchanges) })
      : new StdioClientTransport({ command: target, args: ['--stdio'] });
    this.client.onerror = error => this.noise.push(String(error));
    for (const kind of ['message', 'tools/list_changed', 'prompts/list_changed', 'resources/updated']) {
      this.client.setNotificationHandler(`notifications/${kind}`, message => this.messages.put(message));
    }
  }

  /** Answers each question from now on. */
  answers(answer) {
    this.client.setRequestHandler('elicitation/create', async ({ params }) =>
      ({ action: 'accept', content: await answer(params) }));
  }

  call(name, args = {}, options) {
    return this.client.callTool({ name, arguments: args }, options);
  }

  async said(name, args, options) {
    return (await this.call(name, args, options)).content[0].text;
  }

  /** The exchange that a tool was called in. */
  calling(name) {
    return this.exchanges.find(({ sent }) => sent?.params?.name === name);
  }
}
