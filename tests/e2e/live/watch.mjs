// A page in small: it shows a follow-up as often as it has a new revision, and connects anew by itself.
// node watch.mjs websocket|events URL VIEWER ID
import { createClient as createEvents } from 'graphql-sse'
import { createClient as createWebSocket } from 'graphql-ws'
import WebSocket from 'ws'

const [way, url, viewer, id] = process.argv.slice(2)
const who = { 'X-Invito-Viewer': viewer }
const pause = () => new Promise((resolve) => setTimeout(resolve, 100))
const clients = {
  websocket: () =>
    createWebSocket({
      url: url.replace('http', 'ws'),
      webSocketImpl: WebSocket,
      connectionParams: who,
      retryAttempts: Infinity,
      shouldRetry: () => true,
      retryWait: pause,
    }),
  events: () => createEvents({ url, headers: who, retryAttempts: Infinity, retry: pause }),
}
const query = 'subscription ($id: ID!) { followUpChanged(id: $id) { title revision } }'

let shown = 0
clients[way]().subscribe(
  { query, variables: { id } },
  {
    next({ data, errors }) {
      if (errors) throw new Error(JSON.stringify(errors))
      const { title, revision } = data.followUpChanged
      if (revision > shown) console.log(title)
      shown = Math.max(shown, revision)
    },
    error(problem) {
      throw problem
    },
    complete() {
      console.log('(complete)')
    },
  },
)
