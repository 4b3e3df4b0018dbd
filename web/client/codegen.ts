import type { CodegenConfig } from '@graphql-codegen/cli'

const config: CodegenConfig = {
  schema: '../../schema/schema.graphql',
  documents: 'operations/*.graphql',
  generates: {
    'generated/typescript/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
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
