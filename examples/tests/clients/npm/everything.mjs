// The npm client against the conformance server: `node everything.mjs URL`

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import { ARGUMENTS, Report, each, problem, raw, watched } from './report.mjs';

const url = new URL(process.argv[2]);
const { tools: TOOLS, prompts: PROMPTS } = ARGUMENTS.everything;

const report = new Report();
const check = report.check.bind(report);
const me = { name: 'npm-client', version: '1.0.0' };
const client = new Client(me);
const wire = [];
const transport = new StreamableHTTPClientTransport(url, { fetch: watched(wire) });
const noise = [];
client.onerror = error => noise.push(String(error));
let session;

await check('connect', async () => {
  await client.connect(transport);
  session = transport.sessionId;
  return {
    version: transport.protocolVersion,
    session: typeof session,
    server: client.getServerVersion(),
    instructions: client.getInstructions(),
    capabilities: client.getServerCapabilities(),
  };
});

await check('ping', () => client.ping());

let tools = [];
await check('tools', async () => {
  ({ tools } = await client.listTools());
  return tools.map(tool => tool.name);
});
await check('calls', () =>
  each(tools, 'name', ({ name }) => client.callTool({ name, arguments: TOOLS[name] })));
await check('bad_arguments', () =>
  client.callTool({ name: 'add', arguments: { a: 'many', c: 1 } }));
await check('unknown_tool', () => problem(client.callTool({ name: 'nothing' })));

let resources = [];
await check('resources', async () => {
  ({ resources } = await client.listResources());
  return resources.map(resource => resource.uri);
});
await check('reads', () =>
  each(resources, 'uri', async ({ uri }) => (await client.readResource({ uri })).contents));
await check('templates', async () => {
  const { resourceTemplates } = await client.listResourceTemplates();
  return resourceTemplates.map(template => template.uriTemplate);
});
await check('templated', async () =>
  (await client.readResource({ uri: 'test://template/42/data' })).contents);
await check('unknown_resource', () => problem(client.readResource({ uri: 'test://nothing' })));

let prompts = [];
await check('prompts', async () => {
  ({ prompts } = await client.listPrompts());
  return prompts.map(prompt => prompt.name);
});
await check('gets', () =>
  each(prompts, 'name', async ({ name }) =>
    (await client.getPrompt({ name, arguments: PROMPTS[name] })).messages));
await check('prompt_without_arguments', () =>
  problem(client.getPrompt({ name: 'test_prompt_with_arguments' })));
await check('unknown_prompt', () => problem(client.getPrompt({ name: 'nothing' })));

// The client always asks for its newest revision. What its `fetch` sends is the application's.
for (const version of ['2025-06-18', '2025-03-26']) {
  await check(version, async () => {
    const older = new Client(me);
    const asking = (url, init) =>
      fetch(url, { ...init, body: init.body?.replace('"protocolVersion":"2025-11-25"', `"protocolVersion":"${version}"`) });
    const transport = new StreamableHTTPClientTransport(url, { fetch: asking });
    await older.connect(transport);
    const { tools } = await older.listTools();
    const call = await older.callTool({ name: 'test_structured_output' });
    await transport.terminateSession();
    await older.close();
    return {
      version: transport.protocolVersion,
      session: typeof session,
      output_schemas: tools.filter(tool => tool.outputSchema).length > 0,
      call,
    };
  });
}
await check('2025-03-26 without its header', async () => {
  const initialize = { protocolVersion: '2025-03-26', capabilities: {}, clientInfo: me };
  const opened = await raw(url, 'initialize', initialize);
  const listed = await raw(url, 'tools/list', undefined, { 'mcp-session-id': opened.session });
  return { version: opened.body.result.protocolVersion, status: listed.status };
});
await check('a revision that nobody knows', async () => {
  const initialize = { protocolVersion: '1999-12-31', capabilities: {}, clientInfo: me };
  return (await raw(url, 'initialize', initialize)).body.result.protocolVersion;
});
await check('modern', async () => {
  const { status, body } = await raw(url, 'server/discover', {
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': me,
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  }, { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'server/discover' });
  return { status, id: body.id, code: body.error?.code };
});

await check('close', async () => {
  await transport.terminateSession();
  await client.close();
  const { status, body } = await raw(url, 'ping', undefined, { 'mcp-session-id': session });
  const resumed = new Client(me);
  await resumed.connect(new StreamableHTTPClientTransport(url, { sessionId: session }));
  const seen = await problem(resumed.ping());
  await resumed.close();
  return { status, code: body.error?.code, seen };
});
await check('wire', () => wire);
await check('noise', () => noise);

report.print();
