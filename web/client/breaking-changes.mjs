// What of a schema breaks clients of an older one, as JSON: node breaking-changes.mjs OLDER NEWER

import { readFileSync } from 'node:fs'
import { CriticalityLevel, diff } from '@graphql-inspector/core'
import { buildSchema } from 'graphql'

const [older, newer] = process.argv.slice(2).map((file) => buildSchema(readFileSync(file, 'utf8')))
const changes = await diff(older, newer)
const breaking = changes.filter((one) => one.criticality.level === CriticalityLevel.Breaking)
console.log(JSON.stringify(breaking.map(({ path, message }) => ({ path, message }))))
