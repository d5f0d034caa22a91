// Tokens as issuer.mjs issues them, and one that somebody else made: node tokens.mjs URL ISSUER

import { generateKeyPairSync, sign } from 'node:crypto';

import { Report, raw } from './report.mjs';

const [address, issuer] = process.argv.slice(2);
const report = new Report();

/** A token for a program, to use at this address. */
async function issued(program, resource) {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${program}:a-secret-of-tests`)}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'books:read', resource }),
  });
  const { access_token, ...rest } = await response.json();
  if (!access_token) {
    throw new Error(`no token: ${response.status} ${JSON.stringify(rest)}`);
  }
  return access_token;
}

/** The same in every word, by somebody who says that he is the issuer. */
function forged(token) {
  const signed = token.slice(0, token.lastIndexOf('.'));
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return `${signed}.${sign('sha256', signed, privateKey).toString('base64url')}`;
}

/** How the server answers whoever bears a token. */
async function presented(token) {
  const about = {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'npm-tokens', version: '1.0.0' },
  };
  const answer = await raw(address, 'initialize', about, { authorization: `Bearer ${token}` });
  return {
    status: answer.status,
    message: answer.body.error?.message,
    challenge: answer.headers['www-authenticate'],
  };
}

const valid = await issued('today', address);
await report.check('valid', () => presented(valid));
await report.check('expired', async () => presented(await issued('yesterday', address)));
await report.check('foreign', async () => presented(await issued('today', new URL('/other', address))));
await report.check('forged', () => presented(forged(valid)));
await report.check('altered', () => presented(valid.replace(/\..*\./, payload =>
  `.${btoa(atob(payload.slice(1, -1)).replace('books:read', 'books:lend')).replace(/=+$/, '')}.`)));
report.print();
