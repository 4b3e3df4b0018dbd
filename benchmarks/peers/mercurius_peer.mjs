// Mercurius with graphql-jit, on PostgreSQL: node mercurius_peer.mjs URL PORT PAGE-SQL BUSY-SQL

import { readFileSync } from 'node:fs'
import Fastify from 'fastify'
import mercurius from 'mercurius'
import pg from 'pg'

const [url, port, pageSql, busySql] = process.argv.slice(2)
const database = new pg.Pool({ connectionString: url, max: 8 })
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

const written = (seconds) => new Date(seconds * 1000).toISOString()

async function availableParticipants(_, { first, after, during }) {
  const cut = (after ?? '|0').lastIndexOf('|')
  const [key, id] = [(after ?? '|0').slice(0, cut), Number((after ?? '|0').slice(cut + 1))]
  const page = await database.query({ name: 'page', text: pageSql, values: [key, id, first + 1], rowMode: 'array' })
  const rows = page.rows.slice(0, first)
  const references = rows.map((row) => `employee:${row[0]}`)
  const [start, end] = [Date.parse(during.start) / 1000, Date.parse(during.end) / 1000]
  const spans = await database.query({ name: 'busy', text: busySql, values: [references, start, end], rowMode: 'array' })
  const busy = new Map()
  for (const [reference, , begin, over] of spans.rows) {
    if (!busy.has(reference)) busy.set(reference, [])
    busy.get(reference).push({ start: written(begin), end: written(over) })
  }
  const nodes = rows.map((row, place) => {
    const reference = references[place]
    const conflicts = busy.get(reference) ?? []
    return {
      reference,
      kind: 'EMPLOYEE',
      name: row[1],
      email: row[3],
      canReceiveEmail: /^[^@\s]+@[^@\s]+$/.test(row[3]),
      organization: null,
      title: row[4],
      availability: { state: conflicts.length ? 'BUSY' : 'FREE', conflicts },
      isInvited: false,
      isAvailableAsParticipant: true,
    }
  })
  const last = rows[rows.length - 1]
  return { nodes, pageInfo: { endCursor: `${last[2]}|${last[0]}` } }
}

const app = Fastify()
const schema = readFileSync(new URL('page.graphql', import.meta.url), 'utf8')
app.register(mercurius, { schema, resolvers: { Query: { availableParticipants } }, jit: 1 })
await app.listen({ port: Number(port), host: '127.0.0.1' })
