// What `@modelcontextprotocol/client` is asked and told in 2026-07-28, where nothing outlives the
// request that it belongs to: node modern.mjs TARGET, as in connect.mjs

import { LOG_LEVEL_META_KEY } from '@modelcontextprotocol/client';

import { connected } from './connect.mjs';
import { Inbox, Report, events, problem, within } from './report.mjs';

const WATCHED = 'test://watched-resource';
const [target] = process.argv.slice(2);
const report = new Report();
const check = report.check.bind(report);
const as = visit => connected(target, 'modern', visit);

async function progress(visitor) {
  const seen = [];
  await visitor.call('test_tool_with_progress', {}, { onprogress: step => seen.push(step) });
  return seen;
}

/** Who wants log messages says so with the request; who does not gets none. */
async function log({ client, messages }) {
  const heard = async level => {
    const before = messages.all.length;
    const _meta = level && { [LOG_LEVEL_META_KEY]: level };
    await client.callTool({ name: 'test_tool_with_logging', arguments: {}, _meta });
    return messages.all.slice(before).map(({ params: { level, data } }) => ({ level, data }));
  };
  return {
    unasked: await heard(),
    from_error: await heard('error'),
    from_debug: await heard('debug'),
    unasked_again: await heard(),
  };
}

/** A prompt that asks before it is there. */
async function prompt(visitor) {
  const asked = [];
  visitor.answers(({ message }) => (asked.push(message), { context: 'a lighthouse' }));
  const { messages } = await visitor.client.getPrompt({ name: 'test_input_required_result_prompt' });
  return { asked, text: messages[0].content.text };
}

/** What a stream tells of all that changes: only what it was opened for. */
async function listen(visitor) {
  const subscription = await visitor.client.listen({ toolsListChanged: true, promptsListChanged: true });
  await visitor.call('test_trigger_resource_update');
  await visitor.call('test_trigger_tool_change');
  await visitor.call('test_trigger_prompt_change');
  await visitor.messages.find(({ method }) => method === 'notifications/prompts/list_changed');
  await subscription.close();
  return {
    honored: subscription.honoredFilter,
    told: [...new Set(visitor.messages.all.map(({ method }) => method))],
    closed: await subscription.closed,
  };
}

async function listen_to_resource(visitor) {
  const subscription = await visitor.client.listen({ resourceSubscriptions: [WATCHED] });
  await visitor.call('test_trigger_prompt_change');
  await visitor.call('test_trigger_resource_update');
  await visitor.messages.find(({ method }) => method === 'notifications/resources/updated');
  await subscription.close();
  return {
    honored: subscription.honoredFilter,
    told: visitor.messages.all.map(({ method, params }) => ({ method, uri: params.uri })),
  };
}

/** A call that is given up while it runs: over HTTP its stream is closed. */
async function cancellation(visitor) {
  const status = async () => (await visitor.call('test_slow_status')).structuredContent;
  const before = await status();
  const abort = new AbortController();
  const progress = new Inbox();
  const options = { signal: abort.signal, onprogress: step => progress.put(step) };
  const answer = problem(visitor.call('test_slow', { seconds: 60 }, options));
  await progress.find(() => true);
  const running = (await status()).running - before.running;
  // Progress that was on its way already is of an unknown call now.
  visitor.client.onerror = undefined;
  const start = performance.now();
  abort.abort('enough');
  let after;
  do {
    after = await status();
  } while (after.dropped === before.dropped && performance.now() - start < 1000);
  const milliseconds = performance.now() - start;
  await answer;
  const facts = {
    running,
    dropped: after.dropped - before.dropped,
    running_after: after.running - before.running,
    in_time: milliseconds < 100,
    milliseconds,
  };
  if (target.startsWith('http')) {
    const slow = await visitor.calling('test_slow');
    facts.ended = await within(slow.ended, 'the end of the stream');
    facts.received = [...new Set(events(slow.received).map(({ data }) => data && data.method))];
    const sent = visitor.exchanges.all.map(({ sent }) => sent.method);
    facts.cancelled_by_message = sent.includes('notifications/cancelled');
  }
  return facts;
}

/** A busy machine is late now and then, a slow server each time. */
async function inTime(visit) {
  let facts;
  for (let tries = 0; tries < 3 && !facts?.in_time; tries++) {
    facts = await visit();
  }
  return facts;
}

for (const visit of [progress, log, prompt, listen, listen_to_resource]) {
  await check(visit.name, () => as(visit));
}
await check('cancellation', () => inTime(() => as(cancellation)));
report.print();
