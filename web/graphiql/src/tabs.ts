/** The tabs to begin with: the operations of the Invitation dialog, as the README has them. */

import { service } from './service';

interface Tab {
  query: string;
  variables: string | null;
  headers: string | null;
}

const operations: Record<string, string> = import.meta.glob('./dialog/*.graphql', {
  query: '?raw',
  import: 'default',
  eager: true,
});

/**
 * What they may leave open: lists always, of which the explorer shows nothing where they stand in an operation's text.
 * A name stands where an id belongs that Save answers: filling-in.ts puts it there.
 */
const variables: Record<string, unknown> = {
  start: `${inAWeek()}T10:00`,
  end: `${inAWeek()}T16:00`,
  invitees: ['employee:20', 'person:700', 'resource:2421'].map((reference) => ({ participant: { reference } })),
  followUp: 'Budsjett',
  hakon: 'Håkon Johansen',
  torunn: 'Torunn Strand',
  room: 'Møterom A',
  more: [{ participant: { email: { address: 'per@example.com', name: 'Per' } } }],
  fewer: ['Møterom A'],
};

export function tabs(): Tab[] {
  const all = Object.keys(operations).sort().map((file) => operations[file]!.trimEnd() + '\n');
  // Elsewhere than in a demo, what they name may be there, and would be invited.
  return (service.demo ? all : all.filter((operation) => /^query /m.test(operation))).map(tab);
}

function tab(operation: string): Tab {
  const open = Object.entries(variables).filter(([name]) => operation.includes(`$${name}:`));
  const viewer = /^# as (\S+)/.exec(operation)?.[1];
  return {
    query: operation,
    variables: open.length ? written(Object.fromEntries(open)) : null,
    headers: viewer ? written({ 'X-Invito-Viewer': viewer }) : null,
  };
}

export function written(value: object): string {
  return JSON.stringify(value, null, 2);
}

/** The office of a demo plans around the day of its first start, in the service's time zone. Håkon is busy a week later. */
function inAWeek(): string {
  const today = new Date().toLocaleDateString('sv', { timeZone: service.timeZone });
  const day = new Date(`${today}T00:00Z`);
  day.setUTCDate(day.getUTCDate() + 7);
  return day.toISOString().slice(0, 10);
}
