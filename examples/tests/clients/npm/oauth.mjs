// Both npm clients sign in at an issuer that they learn of from the server: 
// node oauth.mjs URL CLIENT [ID ISSUER]
//
// CLIENT is `v1` (`@modelcontextprotocol/sdk`), or a mode of `@modelcontextprotocol/client` as in
// connect.mjs. ID is the client's name at the issuer; without it, the client registers itself.

import { Client as V1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as V1Transport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client as V2, StreamableHTTPClientTransport as V2Transport } from '@modelcontextprotocol/client';

import { MODES } from './connect.mjs';
import { Report, watched } from './report.mjs';

const CALLBACK = 'http://127.0.0.1/callback';
const ME = { name: 'npm-client', version: '1.0.0' };
const [address, client, id, issuer] = process.argv.slice(2);
const url = new URL(address);
const report = new Report();

/** What the client's user keeps for it: who it is, what it was given, and a browser. */
class User {
  redirectUrl = CALLBACK;
  clientMetadata = {
    client_name: 'npm-client',
    application_type: 'native',
    redirect_uris: [CALLBACK],
    grant_types: ['authorization_code'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  };
  asked = [];
  registered = 0;
  #known = id && { client_id: id, issuer };

  clientInformation() {
    return this.#known;
  }

  saveClientInformation(known) {
    this.#known = known;
    this.registered += 1;
  }

  discoveryState() {
    return this.discovered;
  }

  saveDiscoveryState(discovered) {
    this.discovered = discovered;
  }

  tokens() {
    return this.given;
  }

  saveTokens(given) {
    this.given = given;
  }

  codeVerifier() {
    return this.verifier;
  }

  saveCodeVerifier(verifier) {
    this.verifier = verifier;
  }

  async redirectToAuthorization(where) {
    const asked = Object.fromEntries(where.searchParams);
    this.asked.push({
      scopes: asked.scope.split(' ').sort(),
      resource: asked.resource === address,
      pkce: asked.code_challenge_method,
    });
    this.came = await browse(where);
  }
}

/** Goes where it is sent, with the cookies that it is given, until it is sent back to the client. */
async function browse(where) {
  const cookies = new Map();
  for (let hops = 0; hops < 10; hops++) {
    const cookie = [...cookies].map(pair => pair.join('=')).join('; ');
    const response = await fetch(where, { redirect: 'manual', headers: { cookie } });
    for (const set of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set);
      cookies.set(name, value);
    }
    const next = response.headers.get('location');
    if (!next) {
      throw new Error(`${where}: ${response.status} ${await response.text()}`);
    }
    where = new URL(next, where);
    if (where.href.startsWith(CALLBACK)) {
      return where.searchParams;
    }
  }
  throw new Error('sent around in circles');
}

const user = new User();
const wire = [];

function transport() {
  const options = { authProvider: user, fetch: watched(wire) };
  return client === 'v1' ? new V1Transport(url, options) : new V2Transport(url, options);
}

/** Connects, if need be after signing in. */
async function connected() {
  const connect = async () => {
    const mcp = client === 'v1'
      ? new V1(ME)
      : new V2(ME, { versionNegotiation: { mode: MODES[client] } });
    const over = transport();
    const signedIn = await signingIn(over, () => mcp.connect(over));
    return { mcp, over, signedIn };
  };
  const first = await connect();
  return first.signedIn ? connect() : first;
}

/** Does it; whether the user had to sign in instead. Then it is to be done again. */
async function signingIn(over, run) {
  try {
    await run();
    return false;
  } catch (error) {
    if (error.constructor.name !== 'UnauthorizedError') {
      throw error;
    }
    await over.finishAuth(client === 'v1' ? user.came.get('code') : user.came);
    return true;
  }
}

const { mcp, over } = await connected();
/** Calls a tool, signing in where the server wants more. */
async function call(name) {
  let said;
  const run = async () => { said = (await mcp.callTool({ name, arguments: {} })).content[0].text; };
  const steppedUp = await signingIn(over, run);
  if (steppedUp) {
    await run();
  }
  return { said, steppedUp };
}

await report.check('search', () => call('search'));
await report.check('lend', () => call('lend'));
await report.check('search_again', () => call('search'));
await report.check('asked', () => user.asked);
await report.check('registered', () => user.registered);
await report.check('wire', () => wire);
await over.terminateSession?.();
await mcp.close();
report.print();
