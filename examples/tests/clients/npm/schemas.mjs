// Whether ajv, the validator that the clients here come with, compiles every schema there is, in its
// strict mode and by the meta-schema of draft 2020-12: node schemas.mjs GUIDE [TARGET...], where the
// guide is mcp-core/guide/schema_reference.md and targets are as in connect.mjs

import { readFileSync } from 'node:fs';

import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';

import { connected } from './connect.mjs';
import { Report } from './report.mjs';

const [guide, ...targets] = process.argv.slice(2);
const report = new Report();

/** As the conformance suite has it: with `$anchor`, which ajv's strict mode does not know. */
const PRESCRIBED = 'json_schema_2020_12_tool';

/** Compiles each, on its own; gives how many there were. */
function compile(schemas) {
  const wrong = [];
  for (const [name, schema] of schemas) {
    // Each by itself, so that none finds what another defines.
    const ajv = new Ajv2020({ strict: name !== PRESCRIBED, logger: false });
    addFormats.default(ajv);
    // A keyword of the protocol, which its vocabulary has and JSON Schema does not.
    ajv.addKeyword({ keyword: 'x-mcp-header', schemaType: 'string' });
    try {
      ajv.compile(schema);
    } catch (error) {
      wrong.push(`${name}: ${error.message}: ${JSON.stringify(schema)}`);
    }
  }
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return schemas.length;
}

/** The rows of a table in the guide: a type, and its schema. */
function rows(name) {
  const [, table] = readFileSync(guide, 'utf8').split(`<!-- ${name} -->`);
  const [body] = table.split(`<!-- /${name} -->`);
  const cells = [...body.matchAll(/^\| (.*) \| (`+)(\{.*\})\2 \|$/gm)];
  return cells.map(([, kind, , json]) => [kind, JSON.parse(json.replaceAll('\\|', '|'))]);
}

/** One argument as the root that it stands in. */
function argument([kind, schema]) {
  const { x, $defs } = 'x' in schema ? schema : { x: schema };
  return [kind, { type: 'object', properties: { x }, ...($defs && { $defs }) }];
}

await report.check('argument', () => compile(rows('argument').map(argument)));
await report.check('arguments', () => compile(rows('arguments')));
for (const [index, target] of targets.entries()) {
  for (const mode of ['legacy', 'modern']) {
    await report.check(`${index}_${mode}`, () => connected(target, mode, async ({ client }) => {
      const { tools } = await client.listTools();
      return compile(tools.flatMap(({ name, inputSchema, outputSchema }) =>
        [[name, inputSchema], ...(outputSchema ? [[`${name} (output)`, outputSchema]] : [])]));
    }));
  }
}
report.print();
