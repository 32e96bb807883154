/* <portico-connect url="…">: Portico's hosted flow inside your page. See docs/EMBEDS.md. */

const LOADED_WITHIN = 10000;
// A refused frame loads an error page, which says nothing.
const HEARD_WITHIN = 1500;
// So may one of a passing trouble: inside the flow, the link leads back to where it was.
const RETRIES = 3;
const RETRY_WAIT = 5000;
const MAX_HEIGHT = 20000;
const ENDS = { success: 'completed', user_aborted: 'aborted' };

// Not an element: a page's policy may forbid inline style.
const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host { display: block; position: relative; min-block-size: 30rem; }
:host([hidden]) { display: none; }
iframe { display: block; inline-size: 100%; block-size: 30rem; border: 0; border-radius: inherit; opacity: 0; color-scheme: light dark; }
iframe.shown { opacity: 1; }
.wait { position: absolute; inset: 0 0 auto; display: grid; gap: 1rem; justify-items: center; padding: 4rem 1rem; font: inherit; }
.wait[hidden] { display: none; }
.ring { inline-size: 2rem; block-size: 2rem; border: 3px solid; border-inline-end-color: transparent; border-radius: 50%; opacity: .6; }
@media (prefers-reduced-motion: no-preference) {
  .ring { animation: turn 1s linear infinite; }
  iframe { transition: opacity .15s; }
}
@keyframes turn { to { rotate: 1turn; } }
`);

/** Whether a session's link may be opened: https, or http on this machine for development. */
function isSafe({ protocol, hostname }) {
  return protocol === 'https:' || (protocol === 'http:' && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname));
}

export class PorticoConnect extends HTMLElement {
  static observedAttributes = ['url', 'label'];

  #url = '';
  // In a document, and its attributes are read: opened twice, a frame would load twice.
  #isPlaced = false;
  #link = null;
  #frame = null;
  #wait;
  #timer = 0;
  #isHeard = false;
  #wasHeard = false;
  #retries = 0;
  #status = null;
  #session = null;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [sheet];
    this.#wait = document.createElement('div');
    this.#wait.className = 'wait';
    const ring = document.createElement('div');
    ring.className = 'ring';
    this.#wait.append(ring, document.createElement('slot'));
    root.append(this.#wait);
  }

  /** The session's url. Changing it opens the new session. */
  get url() {
    return this.#url;
  }

  set url(url) {
    const before = this.#url;
    this.#url = url ?? '';
    if (this.#isPlaced && this.#url !== before) this.#open();
  }

  attributeChangedCallback(name, before, value) {
    if (before === value) return;
    if (name === 'url') this.url = value;
    else if (this.#frame) this.#frame.title = this.#label();
  }

  connectedCallback() {
    addEventListener('message', this.#hear);
    // Set before this module had loaded, it hides the property.
    if (Object.hasOwn(this, 'url')) {
      const { url } = this;
      delete this.url;
      this.url = url;
    }
    this.#isPlaced = true;
    this.#open();
  }

  disconnectedCallback() {
    this.#isPlaced = false;
    removeEventListener('message', this.#hear);
    this.#close();
  }

  /** Moves the focus into the flow. */
  focus(options) {
    if (this.#frame) this.#frame.focus(options);
    else super.focus(options);
  }

  #label() {
    return this.getAttribute('label') ?? 'Number transfer';
  }

  #open() {
    this.#close();
    if (!this.#url) return;
    this.#link = URL.canParse(this.#url) ? new URL(this.#url) : null;
    if (!this.#link || !isSafe(this.#link)) return this.#soon(() => this.#end('bad_configuration'));
    // A page without an origin cannot be listed.
    if (origin === 'null') return this.#soon(() => this.#fallBack('origin'));
    const src = new URL(this.#link);
    src.searchParams.set('embed', origin);
    const frame = document.createElement('iframe');
    frame.title = this.#label();
    frame.referrerPolicy = 'no-referrer';
    frame.allow = "camera 'none'; microphone 'none'; geolocation 'none'; payment 'none'";
    frame.sandbox = 'allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox '
      + 'allow-top-navigation-by-user-activation allow-top-navigation-to-custom-protocols';
    frame.addEventListener('load', () => this.#loaded());
    frame.src = src.href;
    this.#frame = frame;
    this.#wait.hidden = false;
    this.setAttribute('aria-busy', 'true');
    this.#after(LOADED_WITHIN, 'timeout');
    this.shadowRoot.append(frame);
  }

  #close() {
    clearTimeout(this.#timer);
    this.#frame?.remove();
    this.#frame = this.#status = this.#session = null;
    this.#isHeard = this.#wasHeard = false;
    this.#retries = 0;
    this.removeAttribute('aria-busy');
  }

  // Who has just placed the element has yet to listen.
  #soon(tell) {
    this.#timer = setTimeout(tell);
  }

  #after(wait, reason) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (!this.#wasHeard) this.#fallBack(reason);
      else if (this.#retries < RETRIES) this.#retry();
      // Once inside, the link is used up: a window of its own would lead nowhere.
      else this.#end('auth_expired');
    }, wait);
  }

  /* Not by its src, which would add to the page's history. */
  #retry() {
    this.#retries += 1;
    this.#isHeard = false;
    this.#after(LOADED_WITHIN, 'timeout');
    this.#frame.contentWindow.location.replace(this.#frame.src);
  }

  // A page of ours speaks before it has loaded.
  #loaded() {
    if (!this.#isHeard) this.#after(HEARD_WITHIN + this.#retries * RETRY_WAIT, 'refused');
    this.#isHeard = false;
  }

  #hear = ({ source, origin, data }) => {
    if (!this.#frame || source !== this.#frame.contentWindow || origin !== this.#link.origin) return;
    if (data?.portico !== 1) return;
    if (data.type === 'size') this.#resize(data.height);
    else if (data.type === 'left') this.#isHeard = false;
    else if (data.type === 'blocked') this.#fallBack('cookies');
    else if (data.type === 'page') this.#show(data);
  };

  #resize(height) {
    if (!(height > 0)) return;
    this.#frame.style.blockSize = `${Math.min(height, MAX_HEIGHT)}px`;
    this.style.minBlockSize = '0';
  }

  #show({ session_id, step, status }) {
    clearTimeout(this.#timer);
    this.#isHeard = true;
    this.#retries = 0;
    this.#session = session_id;
    if (this.#wasHeard && this.getBoundingClientRect().top < 0) this.scrollIntoView();
    this.#wasHeard = true;
    this.#wait.hidden = true;
    this.#frame.className = 'shown';
    this.removeAttribute('aria-busy');
    this.#tell('step', { step });
    const isNew = status !== this.#status;
    this.#status = status;
    if (status && isNew) this.#end(status);
  }

  #end(status) {
    this.#tell(ENDS[status] ?? 'failed', { status });
  }

  #tell(type, detail, cancelable = false) {
    const told = { session_id: this.#session, ...detail };
    return this.dispatchEvent(new CustomEvent(type, { detail: told, bubbles: true, composed: true, cancelable }));
  }

  /* The flow in the whole window, unless the page has something better. */
  #fallBack(reason) {
    const [href, session] = [this.#link.href, this.#session];
    this.#close();
    this.#session = session;
    this.#wait.hidden = true;
    if (this.#tell('fallback', { reason }, true)) open(href, '_top');
  }
}

if (!customElements.get('portico-connect')) customElements.define('portico-connect', PorticoConnect);
