/** What the page knows of the service that it came from. */

interface Service {
  /** Whether whoever asks may say who they are. */
  demo: boolean;
  /** In a demo: the addresses to ask as, besides those of the employees; the first to begin with. */
  viewers: string[];
  /** Whose wall clocks times without an offset are meant by, as far as viewers have none of their own. */
  timeZone: string;
}

export const service: Service = JSON.parse(document.getElementById('service')!.textContent!);

// Beside the page, whatever path a proxy put before both.
export const endpoint = new URL('graphql', location.href).href;
export const liveEndpoint = endpoint.replace(/^http/, 'ws');
