/** How operations go out: queries and mutations by POST, subscriptions over graphql-transport-ws. */

import { createGraphiQLFetcher, type Fetcher, type FetcherParams } from '@graphiql/toolkit';
import { type DocumentNode, GraphQLError, Kind, parse } from 'graphql';

import { endpoint, liveEndpoint, service } from './service';

export type Credentials = Record<string, string>;

const TOKEN_FIRST = 'Nothing was asked: a token has to say who asks. Paste one into “Bearer token”, at the top, and press Enter.';

/**
 * Asks with these credentials, unless the tab's own headers say otherwise. They go into `connection_init` as well.
 * What would be refused for want of a token is not asked, the schema neither.
 */
export function asking(credentials: () => Credentials): Fetcher {
  const ask = createGraphiQLFetcher({ url: endpoint, subscriptionUrl: liveEndpoint, enableIncrementalDelivery: false });
  return (operation, options) => {
    const headers = merged(credentials(), options?.headers);
    if (!service.demo && !headers.authorization) return Promise.resolve({ data: null, errors: [new GraphQLError(TOKEN_FIRST)] });
    const documentAST = documentOf(operation);
    const operationName = documentAST ? nameIn(documentAST, operation) : operation.operationName;
    return ask({ ...operation, operationName }, { ...options, documentAST, headers });
  };
}

/** GraphiQL reads a tab that was just opened a moment later: until then it takes the operation for that of the tab before. */
function documentOf({ query }: FetcherParams): DocumentNode | undefined {
  try {
    return parse(query);
  } catch {
    return undefined; // The service says what is wrong with it.
  }
}

function nameIn(document: DocumentNode, { operationName }: FetcherParams): string | null | undefined {
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
  const names = operations.map((definition) => definition.name?.value);
  return names.includes(operationName ?? undefined) ? operationName : names[0];
}

/** By name in lower case: two spellings of one name would be sent as one value with a comma. */
function merged(credentials: Credentials, ofTab: Credentials = {}): Credentials {
  const headers = new Headers(credentials);
  for (const [name, value] of Object.entries(ofTab)) headers.set(name, value);
  return Object.fromEntries(headers);
}
