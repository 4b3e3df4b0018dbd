import type { CodegenConfig } from '@graphql-codegen/cli'

const config: CodegenConfig = {
  schema: '../../schema/schema.graphql',
  documents: 'operations/*.graphql',
  generates: {
    'generated/typescript/': {
      preset: 'client',
      // The hashes of what is sent: `invito trust` takes the manifest, persisted-documents.json.
      presetConfig: { fragmentMasking: false, persistedDocuments: { hashAlgorithm: 'sha256' } },
      config: {
        enumsAsTypes: true,
        scalars: {
          DateTime: 'string',
          Duration: 'string',
          TimeZone: 'string',
        },
        strictScalars: true,
        useTypeImports: true,
        emitLegacyCommonJSImports: false,
      },
    },
  },
}

export default config
