// The client of `@modelcontextprotocol/sdk` against the conformance server:
// node everything.mjs URL

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

import { ARGUMENTS, Report, each, outcome, problem, raw, watched } from './report.mjs';

const ME = { name: 'npm-client', version: '1.0.0' };
const { tools: TOOLS, prompts: PROMPTS } = ARGUMENTS.everything;
const url = new URL(process.argv[2]);

/** Everything that can be asked within one session. */
async function visit(check, client) {
  const call = (name, args) => client.callTool({ name, arguments: args });
  const read = async uri => (await client.readResource({ uri })).contents;
  const get = async (name, args) => (await client.getPrompt({ name, arguments: args })).messages;

  await check('ping', () => client.ping());
  await check('calls', async () => {
    const { tools } = await client.listTools();
    return each(tools.map(tool => tool.name), name => outcome(call(name, TOOLS[name])));
  });
  await check('parallel', async () => {
    const texts = Array.from({ length: 20 }, (_, number) => `${number} `.repeat(number * 500));
    const answers = await Promise.all(texts.map(text => call('echo', { text })));
    return answers.every((answer, number) => answer.content[0].text === texts[number]);
  });
  await check('bad_arguments', () => call('add', { a: 'many', c: 1 }));
  await check('unknown_tool', () => problem(call('nothing')));
  await check('reads', async () => {
    const { resources } = await client.listResources();
    return each(resources.map(resource => resource.uri), read);
  });
  await check('templates', async () => {
    const { resourceTemplates } = await client.listResourceTemplates();
    return resourceTemplates.map(template => template.uriTemplate);
  });
  await check('templated', () => read('test://template/42/data'));
  await check('unknown_resource', () => problem(read('test://nothing')));
  await check('gets', async () => {
    const { prompts } = await client.listPrompts();
    return each(prompts.map(prompt => prompt.name), name => outcome(get(name, PROMPTS[name])));
  });
  await check('prompt_without_arguments', () => problem(get('test_prompt_with_arguments')));
  await check('unknown_prompt', () => problem(get('nothing')));
}

/** Nothing but the address. */
async function byDefault() {
  const client = new Client(ME);
  const transport = new StreamableHTTPClientTransport(url);
  await client.connect(transport);
  const echo = await client.callTool({ name: 'echo', arguments: TOOLS.echo });
  await client.close();
  return { version: transport.protocolVersion, echo };
}

/** The client asks for its newest revision, always; what leaves through `fetch` is ours to say. */
async function older(version) {
  const asking = (url, init) => {
    const body = init.body?.replace('"protocolVersion":"2025-11-25"', `"protocolVersion":"${version}"`);
    return fetch(url, { ...init, body });
  };
  const client = new Client(ME);
  const transport = new StreamableHTTPClientTransport(url, { fetch: asking });
  await client.connect(transport);
  const { tools } = await client.listTools();
  const facts = {
    version: transport.protocolVersion,
    session: transport.sessionId !== undefined,
    output_schemas: tools.some(tool => tool.outputSchema),
    call: await client.callTool({ name: 'test_structured_output' }),
  };
  await transport.terminateSession();
  await client.close();
  return facts;
}

/** What `initialize` answers to a wish, and whether its session works without a version header. */
async function negotiated(protocolVersion) {
  const wish = { protocolVersion, capabilities: {}, clientInfo: ME };
  const { body, headers } = await raw(url, 'initialize', wish);
  const session = { 'mcp-session-id': headers['mcp-session-id'] };
  const listed = await raw(url, 'tools/list', undefined, session);
  return { version: body.result.protocolVersion, listed: listed.status };
}

/** What a session is to a client that has it still, after its end. */
async function closed(session) {
  const { status } = await raw(url, 'ping', undefined, { 'mcp-session-id': session });
  const client = new Client(ME);
  await client.connect(new StreamableHTTPClientTransport(url, { sessionId: session }));
  const client_sees = await problem(client.ping());
  await client.close();
  return { status, client_sees };
}

const report = new Report();
const check = report.check.bind(report);
const [wire, noise] = [[], []];
const client = new Client(ME);
client.onerror = error => noise.push(String(error));
const transport = new StreamableHTTPClientTransport(url, { fetch: watched(wire) });

await check('connect', async () => {
  await client.connect(transport);
  return {
    version: transport.protocolVersion,
    session: transport.sessionId !== undefined,
    server: client.getServerVersion(),
    instructions: client.getInstructions(),
    capabilities: client.getServerCapabilities(),
  };
});
await visit(check, client);
// Until here: a stream that the client itself gives up is an error to it, too.
await check('noise', () => [...noise]);
const session = transport.sessionId;
await check('close', async () => {
  await transport.terminateSession();
  await client.close();
  return closed(session);
});
await check('wire', () => wire);
await check('default', byDefault);
await check('2025-06-18', () => older('2025-06-18'));
await check('2025-03-26', () => older('2025-03-26'));
await check('negotiated', () => each(['2025-06-18', '2025-03-26', '1999-12-31'], negotiated));
report.print();
