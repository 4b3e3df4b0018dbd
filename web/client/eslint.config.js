// How the schema and the client's operations read, by the rules that others keep theirs by. Run from the project's root.

import { join } from 'node:path'
import graphql from '@graphql-eslint/eslint-plugin'

const root = join(import.meta.dirname, '../..')

const WITHOUT_ID = [
  'Availability',
  'AvailableParticipant',
  'BusySpan',
  'EmailInvitation',
  'EmailInvitationControl',
  'InvitationPreview',
  'PageInfo',
  'PreviewedParticipant',
  'SourceWarning',
  'UserError',
]

export default [
  {
    files: ['**/*.graphql'],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: {
        graphQLConfig: {
          schema: join(root, 'schema/schema.graphql'),
          documents: join(import.meta.dirname, 'operations/*.graphql'),
        },
      },
    },
    plugins: { '@graphql-eslint': graphql },
  },
  {
    files: ['schema/*.graphql'],
    rules: {
      ...graphql.configs['flat/schema-recommended'].rules,
      ...graphql.configs['flat/schema-relay'].rules,
      // All but the directive that the library writes out, though it is GraphQL's own.
      '@graphql-eslint/require-description': [
        'error',
        { types: true, rootField: true, FieldDefinition: true, InputValueDefinition: true, EnumValueDefinition: true },
      ],
      // Lists go forward alone: by `first` and `after`.
      '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
      // `nodes` stands beside `edges`, lists that are always short are plain, and what has no `id` stands in lists too.
      '@graphql-eslint/relay-edge-types': [
        'error',
        { withEdgeSuffix: true, shouldImplementNode: false, listTypeCanWrapOnlyEdgeType: false },
      ],
      // Values have none: a cache that knew them by one would mix up what was asked for at different times.
      '@graphql-eslint/strict-id-in-types': [
        'error',
        { exceptions: { types: WITHOUT_ID, suffixes: ['Payload', 'Connection', 'Edge', 'Counts'] } },
      ],
    },
  },
  { files: ['web/client/operations/*.graphql'], rules: graphql.configs['flat/operations-recommended'].rules },
]
