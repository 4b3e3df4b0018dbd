/** Operations are wrapped where the editor ends: beside an open panel it is narrower than their comments. */

import { useGraphiQL } from '@graphiql/react';
import { useEffect } from 'react';

export function Wrapping() {
  const editor = useGraphiQL((state) => state.queryEditor);
  useEffect(() => editor?.updateOptions({ wordWrap: 'on', wrappingIndent: 'indent' }), [editor]);
  return null;
}
