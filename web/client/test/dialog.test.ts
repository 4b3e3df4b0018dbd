// The dialog through the typed operations, as they are made, against a running service: INVITO_URL says where.

import assert from 'node:assert/strict'
import { test } from 'node:test'

import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { print } from 'graphql'
import { createClient } from 'graphql-ws'
import { WebSocket } from 'ws'

import {
  AvailableParticipantsDocument,
  CreateFollowUpDocument,
  FollowUpChangedDocument,
  type FollowUpChangedSubscription,
  FollowUpsDocument,
  InvitationPreviewDocument,
  ParticipantSourcesDocument,
  SetParticipantStatusDocument,
} from '../generated/typescript/graphql.js'

const url = process.env['INVITO_URL'] ?? 'http://127.0.0.1:8000/graphql'
const viewer = { 'X-Invito-Viewer': 'kari.nordmann@nordlys.example' }
const during = { start: '2031-03-03T10:00:00Z', end: '2031-03-03T11:00:00Z' }

async function ask<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data> {
  const body = JSON.stringify({ query: print(document), variables })
  const answer = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json', ...viewer }, body })
  const { data, errors } = (await answer.json()) as { data: Data; errors?: unknown }
  assert.equal(errors, undefined)
  return data
}

test('choose, invite, and see the status change live', async () => {
  const { participantSources } = await ask(ParticipantSourcesDocument, { language: 'NB' })
  assert.equal(participantSources[0]?.label, 'Medarbeidere')

  const { availableParticipants } = await ask(AvailableParticipantsDocument, { source: 'employees', during, first: 3 })
  const [free] = availableParticipants.nodes.filter((one) => one.availability.state === 'FREE')
  assert.ok(free)

  const { createFollowUp } = await ask(CreateFollowUpDocument, {
    input: {
      type: 'APPOINTMENT',
      title: 'Typed',
      start: during.start,
      end: during.end,
      invitees: [{ participant: { reference: free.reference } }],
    },
  })
  assert.deepEqual(createFollowUp.errors, [])
  const made = createFollowUp.followUp
  assert.ok(made)
  const invitee = made.participants.nodes.find((one) => one.reference === free.reference)
  assert.equal(invitee?.status, 'NOT_SEEN')

  const client = createClient({ url: url.replace('http', 'ws'), connectionParams: viewer, webSocketImpl: WebSocket })
  const events = client.iterate<FollowUpChangedSubscription>({
    query: print(FollowUpChangedDocument),
    variables: { id: made.id },
  })
  assert.equal((await events.next()).value?.data?.followUpChanged.statusCounts.accepted, 0)
  await ask(SetParticipantStatusDocument, { input: { participantId: invitee?.id ?? '', status: 'ACCEPTED' } })
  const changed = (await events.next()).value?.data?.followUpChanged
  assert.equal(changed?.statusCounts.accepted, 1)
  assert.ok(changed && changed.revision > made.revision)
  await client.dispose()

  const { followUps } = await ask(FollowUpsDocument, { filter: { during } })
  assert.ok(followUps.nodes.some((one) => one.id === made.id && one.statusCounts.accepted === 1))
})

test('what a person can mend has the path to its field', async () => {
  const { invitationPreview } = await ask(InvitationPreviewDocument, {
    draft: { create: { type: 'TASK', title: '', start: during.start, invitees: [{ participant: { reference: 'employee:0' } }] } },
  })

  assert.deepEqual(
    invitationPreview.errors.map((one) => one.path.join('.')),
    ['title', 'invitees.0.participant.reference'],
  )
})
