// An authorization server on a free port, by `oidc-provider`: node issuer.mjs
//
// It issues tokens for whichever resource is asked for: JSON Web Tokens, or for addresses that end in
// `/opaque` ones that it has to be asked about. Whoever comes with a browser is Ada, and grants
// whatever a client asks for.

import { createServer } from 'node:http';
import { once } from 'node:events';

// It has opinions on the version of Node.
console.warn = () => {};
const { default: Provider } = await import('oidc-provider');

const SCOPES = ['books:read', 'books:lend'];
const CALLBACK = 'http://127.0.0.1/callback';

const server = createServer((request, response) => answer(request, response)).listen(0, '127.0.0.1');
await once(server, 'listening');
const issuer = `http://127.0.0.1:${server.address().port}`;

/** Programs that get tokens for themselves; those of `yesterday` have expired. */
const program = client_id => ({
  client_id,
  client_secret: 'a-secret-of-tests',
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
});

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'known-app',
      token_endpoint_auth_method: 'none',
      application_type: 'native',
      redirect_uris: [CALLBACK],
    },
    // Servers that ask about tokens.
    program('library'),
    program('today'),
    program('yesterday'),
  ],
  cookies: { keys: ['cookies-of-tests'] },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true, allowedPolicy: () => true },
    registration: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_, resource) => ({
        scope: SCOPES.join(' '),
        audience: resource,
        accessTokenFormat: resource.endsWith('/opaque') ? 'opaque' : 'jwt',
      }),
    },
  },
  formats: {
    customizers: {
      jwt(_, { clientId }, { payload }) {
        if (clientId === 'yesterday') {
          payload.exp = payload.iat - 1;
        }
      },
    },
  },
  // What clients may register for.
  scopes: SCOPES,
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
});
const oauth = provider.callback();

async function answer(request, response) {
  if (!request.url.startsWith('/interaction/')) {
    return oauth(request, response);
  }
  const { prompt, params } = await provider.interactionDetails(request, response);
  const granted = { login: { accountId: 'ada' } };
  if (prompt.name === 'consent') {
    const grant = new provider.Grant({ accountId: 'ada', clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    grant.addResourceScope(params.resource, params.scope);
    granted.consent = { grantId: await grant.save() };
  }
  await provider.interactionFinished(request, response, granted);
}

console.log(`listening on ${issuer}`);
