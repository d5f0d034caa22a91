// What the client of `@modelcontextprotocol/sdk` is asked and told by the conformance server, while
// calls run and besides them: node streams.mjs URL

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';

import { ARGUMENTS, Inbox, Report, events, exchange, problem, raw, recorded, within } from './report.mjs';

const ME = { name: 'npm-client', version: '1.0.0' };
const CAPABILITIES = { elicitation: { form: { applyDefaults: true } }, sampling: {}, roots: {} };
const { tools: TOOLS } = ARGUMENTS.everything;
const WATCHED = 'test://watched-resource';
const url = new URL(process.argv[2]);

const report = new Report();
const check = report.check.bind(report);
const noise = [];

/** One client in a session of its own, and all that it receives. */
class Visitor {
  exchanges = new Inbox();
  messages = new Inbox();

  constructor(options) {
    this.client = new Client(ME, { capabilities: CAPABILITIES, ...options });
    this.transport = new StreamableHTTPClientTransport(url, { fetch: recorded(this.exchanges) });
    this.client.onerror = error => noise.push(String(error));
    // The client takes each message from here.
    this.transport.onmessage = message => this.messages.put(message);
  }

  call(name, options) {
    return this.client.callTool({ name, arguments: TOOLS[name] }, undefined, options);
  }

  async said(name, options) {
    return (await this.call(name, options)).content[0].text;
  }

  /** What the suite's tools say that the user did. */
  async answered(name) {
    const [, action, content] = /action=(\w+), content=(.*)$/.exec(await this.said(name));
    return { action, content: JSON.parse(content) };
  }

  /** Answers each request of one kind from now on. */
  answers(schema, answer) {
    this.client.setRequestHandler(schema, ({ params }) => answer(params));
  }

  /** The exchange that a tool was called in. */
  calling(name) {
    return this.exchanges.find(({ sent }) => sent?.params?.name === name);
  }

  /** The notifications of a kind that have come. */
  told(kind) {
    return this.messages.all.filter(({ method }) => method === `notifications/${kind}`);
  }

  /** Waits for one. */
  hears(kind) {
    return this.messages.find(({ method }) => method === `notifications/${kind}`);
  }
}

/** A session of somebody's, ended when `visit` has returned. */
async function as(visit, options) {
  const visitor = new Visitor(options);
  await visitor.client.connect(visitor.transport);
  try {
    // It listens beside everything else.
    await visitor.exchanges.find(({ line }) => line === 'GET 200');
    return await visit(visitor);
  } finally {
    // What breaks off now was to break off.
    visitor.client.onerror = undefined;
    await visitor.transport.terminateSession();
    await visitor.client.close();
  }
}

const accept = content => ({ action: 'accept', content });

/** The last choice of each field, of several all but the first. */
function choose({ requestedSchema }) {
  const values = ({ enum: plain, oneOf, anyOf }) => plain ?? (oneOf ?? anyOf).map(choice => choice.const);
  const chosen = field => field.items ? values(field.items).slice(1) : values(field).at(-1);
  const fields = Object.entries(requestedSchema.properties);
  return Object.fromEntries(fields.map(([name, field]) => [name, chosen(field)]));
}

/** Questions that a user answers, a model, and the client. */
async function questions(visitor) {
  const elicitation = (tool, answer) => {
    const forms = [];
    visitor.answers(ElicitRequestSchema, params => (forms.push(params), answer(params)));
    return visitor.answered(tool).then(answered => ({ ...answered, forms }));
  };

  // It fills them in itself.
  await check('defaults', () => elicitation('test_elicitation_sep1034_defaults', () => accept({})));
  await check('enums', () =>
    elicitation('test_elicitation_sep1330_enums', form => accept(choose(form))));
  await check('declined', () => elicitation('test_elicitation', () => ({ action: 'decline' })));
  await check('cancelled', () => elicitation('test_elicitation', () => ({ action: 'cancel' })));
  await check('sampling', async () => {
    const requests = [];
    visitor.answers(CreateMessageRequestSchema, params => {
      requests.push(params);
      return { role: 'assistant', model: 'none', content: { type: 'text', text: 'As you say.' } };
    });
    return { said: await visitor.said('test_sampling'), requests };
  });
  await check('roots', async () => {
    const roots = [{ uri: 'file:///one', name: 'One' }, { uri: 'file:///two' }];
    visitor.answers(ListRootsRequestSchema, () => ({ roots }));
    return visitor.call('test_list_roots');
  });
}

/** What a call tells on its way. */
async function onTheWay(visitor) {
  await check('progress', async () => {
    const seen = [];
    await visitor.call('test_tool_with_progress', { onprogress: progress => seen.push(progress) });
    const { sent } = await visitor.calling('test_tool_with_progress');
    const tokens = visitor.told('progress').map(({ params }) => params.progressToken);
    return { seen, tokens: tokens.every(token => token === sent.params._meta.progressToken) };
  });
  await check('silent_without_token', async () => {
    const before = visitor.told('progress').length;
    await visitor.call('test_tool_with_progress');
    return visitor.told('progress').length - before;
  });
  await check('log', async () => {
    const heard = async () => {
      const before = visitor.told('message').length;
      await visitor.call('test_tool_with_logging');
      return visitor.told('message').slice(before).map(({ params }) => params);
    };
    const by_default = await heard();
    await visitor.client.setLoggingLevel('error');
    const from_error = await heard();
    await visitor.client.setLoggingLevel('debug');
    return { by_default, from_error, from_debug: await heard() };
  });
}

async function completion({ client }) {
  const argument = { name: 'arg1', value: 'par' };
  const complete = async name =>
    (await client.complete({ ref: { type: 'ref/prompt', name }, argument })).completion;
  await check('completion', () => complete('test_prompt_with_arguments'));
  await check('completion_of_nothing', () => problem(complete('nothing')));
}

/** Two questions that are on their way together, and one after them. */
async function together(visitor) {
  const asked = new Inbox();
  visitor.answers(ElicitRequestSchema, async ({ message }) => {
    asked.put(message);
    // None of the two is answered before both are here.
    await asked.find(() => asked.all.length >= 2);
    return accept({ answer: `to ${message}` });
  });
  return { said: await visitor.said('test_two_questions'), asked: asked.all.length };
}

/** Two clients whose calls have the same ids; whoever is asked first answers last. */
async function atOnce() {
  const done = new Inbox();
  const ask = (name, after) => as(async visitor => {
    visitor.answers(ElicitRequestSchema, async () => {
      done.put(`${name} was asked`);
      await done.find(what => what === after);
      done.put(`${name} has answered`);
      return accept({ username: name, email: `${name}@example.com` });
    });
    const { content } = await visitor.answered('test_elicitation');
    return { name: content.username, id: (await visitor.calling('test_elicitation')).sent.id };
  });
  const [one, other] = await Promise.all([
    ask('one', 'other has answered'),
    ask('other', 'one was asked'),
  ]);
  return { names: [one.name, other.name], same_id: one.id === other.id };
}

/** Lists that change: the client lists them again by itself. */
async function lists() {
  const changes = new Inbox();
  const onChanged = what => (error, items) => changes.put({ what, error, listed: items?.length > 0 });
  const refetch = what => ({ debounceMs: 0, onChanged: onChanged(what) });
  const listChanged = { tools: refetch('tools'), prompts: refetch('prompts') };
  return as(async visitor => {
    await visitor.call('test_trigger_tool_change');
    await changes.find(() => changes.all.length >= 2);
    await visitor.call('test_trigger_prompt_change');
    await changes.find(({ what }) => what === 'prompts');
    return changes.all;
  }, { listChanged });
}

async function subscription(visitor) {
  const { client } = visitor;
  await client.subscribeResource({ uri: WATCHED });
  await visitor.call('test_trigger_resource_update');
  await visitor.hears('resources/updated');
  await client.unsubscribeResource({ uri: WATCHED });
  await visitor.call('test_trigger_resource_update');
  // Had it been told of this, then before it is told of that.
  await visitor.call('test_trigger_prompt_change');
  await visitor.hears('prompts/list_changed');
  return visitor.told('resources/updated').map(({ params }) => params);
}

/** A call that is given up while it runs. */
async function cancellation(visitor) {
  const status = async () => (await visitor.call('test_slow_status')).structuredContent;
  const before = await status();
  const abort = new AbortController();
  const options = { signal: abort.signal, onprogress: () => {} };
  const args = { name: 'test_slow', arguments: { seconds: 60 } };
  const answer = problem(visitor.client.callTool(args, undefined, options));
  await visitor.hears('progress');
  const running = (await status()).running - before.running;
  const start = performance.now();
  // Progress that was on its way already is of an unknown call now.
  visitor.client.onerror = undefined;
  abort.abort('enough');
  let after;
  do {
    after = await status();
  } while (after.dropped === before.dropped && performance.now() - start < 1000);
  const milliseconds = performance.now() - start;
  const slow = await visitor.calling('test_slow');
  return {
    running,
    dropped: after.dropped - before.dropped,
    running_after: after.running - before.running,
    in_time: milliseconds < 100,
    milliseconds,
    client_sees: await answer,
    ended: await within(slow.ended, 'the end of the stream'),
    received: [...new Set(events(slow.received).map(({ data }) => data && data.method))],
  };
}

/** A busy machine is late now and then, a slow server each time. */
async function inTime(visit) {
  let facts;
  for (let tries = 0; tries < 3 && !facts?.in_time; tries++) {
    facts = await visit();
  }
  return facts;
}

/** A call whose connection is closed by the server; the client comes back for the rest. */
async function reconnection(visitor) {
  const said = await visitor.said('test_reconnection');
  const left = await visitor.calling('test_reconnection');
  const back = await visitor.exchanges.find(({ last_event_id }) => last_event_id);
  await within(Promise.all([left.ended, back.ended]), 'the ends of the streams');
  return {
    said,
    // The id to come back with, and how soon.
    left: events(left.received).map(Object.keys),
    back: { line: back.line, after: back.last_event_id === events(left.received)[0].id },
    with: events(back.received).map(({ data }) => data.id === left.sent.id),
  };
}

/** A session without any client: the headers that its requests need. */
async function byHand() {
  const wish = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: ME };
  const { headers } = await raw(url, 'initialize', wish);
  return { 'mcp-session-id': headers['mcp-session-id'], accept: 'application/json, text/event-stream' };
}

/** The same by hand. */
async function resumption() {
  const session = await byHand();
  const resume = async id => {
    const { status, text } = await exchange(url, 'GET', { ...session, 'last-event-id': id });
    return { status, events: status === 200 ? events(text) : [] };
  };
  const call = await raw(url, 'tools/call', { name: 'test_reconnection' }, session);
  const rest = await resume(call.body[0].id);
  return {
    call: call.body.map(event => ({ ...event, id: 'id' in event })),
    rest: { status: rest.status, results: rest.events.map(({ data }) => data.result) },
    again: JSON.stringify(await resume(call.body[0].id)) === JSON.stringify(rest),
    after_all: (await resume(rest.events.at(-1).id)).events,
    unknown: (await resume('0-0')).status,
  };
}

/** A stream besides all calls, lost before something comes and found again. */
async function lost() {
  const session = await byHand();
  const first = async headers => {
    const { body } = await fetch(url, { headers: { ...session, ...headers } });
    let text = '';
    for await (const part of body.pipeThrough(new TextDecoderStream())) {
      text += part;
      if (text.includes('\n\n')) break;
    }
    return events(text)[0];
  };
  const before = await first();
  await raw(url, 'tools/call', { name: 'test_trigger_prompt_change' }, session);
  const after = await within(first({ 'last-event-id': before.id }), 'what came meanwhile');
  return { before: before.data, after: after.data.method, other_id: after.id !== before.id };
}

await as(async visitor => {
  await questions(visitor);
  await onTheWay(visitor);
  await completion(visitor);
});
await check('together', () => as(together));
await check('at_once', atOnce);
await check('lists', lists);
await check('subscription', () => as(subscription));
await check('cancellation', () => inTime(() => as(cancellation)));
await check('reconnection', () => as(reconnection));
await check('resumption', resumption);
await check('lost', lost);
await check('noise', () => noise);
report.print();
