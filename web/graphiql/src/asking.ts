/** How operations go out: queries and mutations by POST, subscriptions over graphql-transport-ws. */

import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';

import { endpoint, liveEndpoint } from './service';

export type Credentials = Record<string, string>;

/** Asks with these credentials, unless the tab's own headers say otherwise. They go into `connection_init` as well. */
export function asking(credentials: () => Credentials): Fetcher {
  const ask = createGraphiQLFetcher({ url: endpoint, subscriptionUrl: liveEndpoint, enableIncrementalDelivery: false });
  return (operation, options) => ask(operation, { ...options, headers: merged(credentials(), options?.headers) });
}

/** By name in lower case: two spellings of one name would be sent as one value with a comma. */
function merged(credentials: Credentials, ofTab: Credentials = {}): Credentials {
  const headers = new Headers(credentials);
  for (const [name, value] of Object.entries(ofTab)) headers.set(name, value);
  return Object.fromEntries(headers);
}
