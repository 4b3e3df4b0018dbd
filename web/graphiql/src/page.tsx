import { explorerPlugin } from '@graphiql/plugin-explorer';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { useRef, useState } from 'react';

import { asking } from './asking';
import { FillingIn } from './filling-in';
import { service } from './service';
import { tabs } from './tabs';
import { first, WhoAsks } from './who-asks';
import { Wrapping } from './wrapping';

const plugins = [HISTORY_PLUGIN, explorerPlugin()];
const toBeginWith = tabs();

export function Page() {
  const credentials = useRef(first);
  const [fetcher, setFetcher] = useState(() => asking(() => credentials.current));
  return (
    <GraphiQL
      fetcher={fetcher}
      plugins={plugins}
      defaultTabs={toBeginWith}
      defaultEditorToolsVisibility="variables"
      shouldPersistHeaders={service.demo}
    >
      <GraphiQL.Logo>
        <a className="start-page" href="./" title="Start page">Invito</a>
        <WhoAsks
          onChange={(given) => {
            credentials.current = given;
            // The schema is asked for anew with another fetcher: without a token it was not to be had.
            if (!service.demo) setFetcher(() => asking(() => credentials.current));
          }}
        />
        <FillingIn />
        <Wrapping />
      </GraphiQL.Logo>
    </GraphiQL>
  );
}
