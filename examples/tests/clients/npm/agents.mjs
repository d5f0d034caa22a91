// The client of `@modelcontextprotocol/sdk` against the bundled server:
// node agents.mjs URL ATLAS_KEY BEACON_KEY

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import { ARGUMENTS, Report, problem, raw, watched } from './report.mjs';

const { tools: TOOLS, prompts: PROMPTS, mistakes: MISTAKES } = ARGUMENTS.agents;
const [address, atlas, beacon] = process.argv.slice(2);
const url = new URL(address);

const report = new Report();
const check = report.check.bind(report);

/** A session of somebody's, ended when `visit` has returned. */
async function as(headers, visit) {
  const client = new Client({ name: 'npm-client', version: '1.0.0' });
  const wire = [];
  const transport = new StreamableHTTPClientTransport(url, {
    requestInit: { headers },
    fetch: watched(wire),
  });
  await client.connect(transport);
  try {
    await visit(client, transport);
  } finally {
    await transport.terminateSession();
    await client.close();
  }
  return wire;
}

/** What can be done without a key, and what cannot. */
async function anonymous(client, transport) {
  const call = (name, args) => client.callTool({ name, arguments: args });
  const read = async uri => (await client.readResource({ uri })).contents;
  const propose = args => client.getPrompt({ name: 'collaboration_proposal', arguments: args });

  await check('connect', async () => ({
    version: transport.protocolVersion,
    session: transport.sessionId !== undefined,
    server: client.getServerVersion(),
    capabilities: client.getServerCapabilities(),
  }));
  await check('ping', () => client.ping());
  await check('tools', async () => (await client.listTools()).tools.map(tool => tool.name));
  await check('resources', async () => (await client.listResources()).resources);
  await check('templates', async () => {
    const { resourceTemplates } = await client.listResourceTemplates();
    return resourceTemplates.map(template => template.uriTemplate);
  });
  await check('prompts', async () =>
    (await client.listPrompts()).prompts.map(prompt => prompt.name));
  await check('search', () => call('agent_search', TOOLS.agent_search));
  await check('mistakes', () => call('agent_search', MISTAKES));
  await check('stats', () => call('platform_stats'));
  await check('profile', () => read('agent://profiles/atlas'));
  await check('unknown_profile', () => problem(read('agent://profiles/nobody')));
  await check('proposal', () => propose(PROMPTS.collaboration_proposal));
  await check('proposal_without_topic', () => problem(propose()));
  await check('anonymous_send', () => problem(call('dm_send', TOOLS.dm_send)));
  await check('anonymous_inbox', () => problem(call('dm_inbox')));
  await check('unauthorized', async () => {
    const params = { name: 'dm_send', arguments: TOOLS.dm_send };
    const session = { 'mcp-session-id': transport.sessionId };
    const { status, headers } = await raw(url, 'tools/call', params, session);
    return { status, challenge: headers['www-authenticate'] };
  });
}

await check('anonymous_wire', () => as({}, anonymous));
await check('bad_key', () => problem(as({ 'X-API-Key': 'nobody-has-this-key' }, () => {})));
await check('atlas_wire', () => as({ 'X-API-Key': atlas }, async client => {
  const send = args => client.callTool({ name: 'dm_send', arguments: args });
  await client.listTools();
  await check('send', () => send(TOOLS.dm_send));
  await check('send_to_nobody', () => send({ to: 'nobody', content: 'Hello?' }));
}));
await check('beacon_wire', () => as({ Authorization: `Bearer ${beacon}` }, async client => {
  await client.listTools();
  await check('inbox', () => client.callTool({ name: 'dm_inbox' }));
}));
report.print();
