/** What Save answers goes into the variables of the other tabs, in place of the names that stand there. */

import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { useEffect } from 'react';

import { written } from './tabs';

interface Saved {
  id: string;
  title?: string;
  participants?: { nodes: { id: string; name?: string }[] };
}

export function FillingIn() {
  const { tabs, activeTabIndex } = useGraphiQL((state) => ({ tabs: state.tabs, activeTabIndex: state.activeTabIndex }));
  const { moveTab } = useGraphiQLActions();
  const response = tabs[activeTabIndex]?.response;
  useEffect(() => {
    const ids = idsOf(response);
    if (!ids.size) return;
    const filled = tabs.map((tab, index) => {
      const variables = index === activeTabIndex ? tab.variables : filledIn(tab.variables, ids);
      return variables === tab.variables ? tab : { ...tab, variables };
    });
    if (filled.some((tab, index) => tab !== tabs[index])) moveTab(filled);
  }, [response]);
  return null;
}

function idsOf(response: string | null | undefined): Map<string, string> {
  const saved: Saved | undefined = parsed(response)?.data?.createFollowUp?.followUp;
  if (!saved) return new Map();
  const named = (saved.participants?.nodes ?? []).map(({ name, id }) => [name, id] as const);
  return new Map([[saved.title, saved.id] as const, ...named].filter((pair): pair is [string, string] => !!pair[0]));
}

/** Names that stand alone, and in a list of them. */
function filledIn(variables: string | null | undefined, ids: Map<string, string>) {
  const idOf = (value: unknown) => ids.get(value as string) ?? value;
  const named = Object.entries(parsed(variables) ?? {});
  const filled = named.map(([name, value]) => [name, Array.isArray(value) ? value.map(idOf) : idOf(value)]);
  return written(filled) === written(named) ? variables : written(Object.fromEntries(filled));
}

function parsed(text: string | null | undefined) {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null; // What somebody is writing.
  }
}
