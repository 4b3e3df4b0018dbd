/** Who asks: in a demo somebody chosen from a list, elsewhere whom a token says. */

import { useEffect, useId, useState } from 'react';

import type { Credentials } from './asking';
import { endpoint, service } from './service';

const REMEMBERED = 'invito:viewer';
const COLLEAGUES = '{ availableParticipants(source: "employees", first: 200) { nodes { name email } } }';

interface Colleague {
  name: string;
  email: string | null;
}

export const first: Credentials = service.demo ? as(localStorage.getItem(REMEMBERED) ?? service.viewers[0]!) : {};

export function WhoAsks({ onChange }: { onChange(credentials: Credentials): void }) {
  return service.demo ? <Viewer onChange={onChange} /> : <Token onChange={onChange} />;
}

function Viewer({ onChange }: { onChange(credentials: Credentials): void }) {
  const [viewer, setViewer] = useState(first['X-Invito-Viewer']!);
  const [colleagues, setColleagues] = useState<Colleague[]>([]);
  const id = useId();
  useEffect(() => void colleaguesOf(service.viewers[0]!).then(setColleagues), []);
  const known = new Map(service.viewers.map((email) => [email, email]));
  for (const { name, email } of colleagues) if (email) known.set(email, `${name} – ${email}`);
  if (!known.has(viewer)) known.set(viewer, viewer);
  function choose(email: string) {
    localStorage.setItem(REMEMBERED, email);
    setViewer(email);
    onChange(as(email));
  }
  return (
    <span className="who-asks">
      <label htmlFor={id}>Ask as</label>
      <select id={id} value={viewer} onChange={(event) => choose(event.target.value)}>
        {[...known].map(([email, label]) => <option key={email} value={email}>{label}</option>)}
      </select>
    </span>
  );
}

/** Kept in memory alone, and taken when it is whole: with Enter, or on leaving the field. */
function Token({ onChange }: { onChange(credentials: Credentials): void }) {
  const [taken, setTaken] = useState('');
  const id = useId();
  function take(field: HTMLInputElement) {
    const token = field.value.trim().replace(/^Bearer\s+/i, '');
    if (token === taken) return;
    setTaken(token);
    onChange(token ? { Authorization: `Bearer ${token}` } : {});
  }
  return (
    <span className="who-asks">
      <label htmlFor={id}>Bearer token</label>
      <input
        id={id}
        type="password"
        autoComplete="off"
        placeholder="Paste it, press Enter"
        onBlur={(event) => take(event.currentTarget)}
        onKeyDown={(event) => event.key === 'Enter' && take(event.currentTarget)}
      />
      {!taken && <span role="note">Docs, Explorer and completion come with a token.</span>}
    </span>
  );
}

function as(email: string): Credentials {
  return { 'X-Invito-Viewer': email };
}

/** None where they cannot be had: the list is shorter then. */
async function colleaguesOf(email: string): Promise<Colleague[]> {
  const headers = { 'Content-Type': 'application/json', ...as(email) };
  const answer = await fetch(endpoint, { method: 'POST', headers, body: JSON.stringify({ query: COLLEAGUES }) });
  const { data } = await answer.json();
  return data?.availableParticipants?.nodes ?? [];
}
