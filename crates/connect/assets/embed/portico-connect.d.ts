/** What every event says. */
export interface PorticoVisit {
  /** The session's id, `csn_…`; null when its page was not seen. */
  session_id: string | null;
}

/** A page is shown. */
export interface PorticoStep extends PorticoVisit {
  /** Its name: `intro`, `carrierDetails`, `holderDetails`, `address`, `review`, `outro`, … New ones may come. */
  step: string;
}

/** The visit has ended: what `callbackUrl` would have been called with. A hint; your backend asks the API. */
export interface PorticoEnd extends PorticoVisit {
  status: 'success' | 'user_aborted' | 'auth_expired' | 'bad_configuration';
}

/** The flow cannot be shown inside the page. */
export interface PorticoFallback extends PorticoVisit {
  /** The frame was refused, did not load in time, keeps no cookies, or the page has no origin. */
  reason: 'refused' | 'timeout' | 'cookies' | 'origin';
}

export interface PorticoConnectEvents extends HTMLElementEventMap {
  step: CustomEvent<PorticoStep>;
  /** Status `success`. */
  completed: CustomEvent<PorticoEnd>;
  /** Status `user_aborted`. */
  aborted: CustomEvent<PorticoEnd>;
  /** Any other status. */
  failed: CustomEvent<PorticoEnd>;
  /** The whole window is about to open the session's url; `preventDefault()` stops that. */
  fallback: CustomEvent<PorticoFallback>;
}

/** `<portico-connect url="…">`: Portico's hosted flow inside your page. */
export class PorticoConnect extends HTMLElement {
  /** The `url` of a Connect Session, as attribute or property. It is a secret and works once. */
  url: string;
  addEventListener<K extends keyof PorticoConnectEvents>(
    type: K,
    listener: (this: PorticoConnect, event: PorticoConnectEvents[K]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof PorticoConnectEvents>(
    type: K,
    listener: (this: PorticoConnect, event: PorticoConnectEvents[K]) => void,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void;
}

declare global {
  interface HTMLElementTagNameMap {
    'portico-connect': PorticoConnect;
  }
}
