// One conversation of `@modelcontextprotocol/client` with a tool that asks twice, counts, and asks
// once more: node questions.mjs TARGET MODE, both as in connect.mjs

import { connected } from './connect.mjs';
import { Inbox, Report } from './report.mjs';

const [target, mode] = process.argv.slice(2);
const report = new Report();

await report.check('conversation', () => connected(target, mode, async visitor => {
  const asked = new Inbox();
  visitor.answers(async ({ message }) => {
    asked.put(message);
    // None of the two is answered before both are here.
    await asked.find(() => asked.all.length >= 2);
    return { answer: `to ${message}` };
  });
  const said = await visitor.said('test_two_questions');
  return {
    version: visitor.client.getNegotiatedProtocolVersion(),
    session: visitor.transport.sessionId !== undefined,
    said,
    asked: [...asked.all.slice(0, 2).sort(), ...asked.all.slice(2)],
    calls: visitor.exchanges.all.filter(({ sent }) => sent?.method === 'tools/call').length,
    noise: visitor.noise,
  };
}));
report.print();
