// A page in TypeScript, as integrators write one. It is compiled and never run: `npm run types`.
import type { PorticoConnect } from '../../../crates/connect/assets/embed/portico-connect';

export function show(url: string): PorticoConnect {
  const flow = document.createElement('portico-connect');
  flow.url = url;
  flow.addEventListener('step', ({ detail }) => detail.step.toUpperCase());
  flow.addEventListener('completed', ({ detail }) => location.assign(`/numbers?session=${detail.session_id}`));
  flow.addEventListener('failed', ({ detail }) => detail.status === 'auth_expired');
  flow.addEventListener('fallback', (event) => event.detail.reason === 'cookies' && event.preventDefault());
  flow.addEventListener('click', ({ clientX }) => clientX.toFixed());
  // What is not there does not compile.
  // @ts-expect-error
  flow.addEventListener('completed', ({ detail }) => detail.step);
  // @ts-expect-error
  flow.addEventListener('fallback', ({ detail }) => detail.reason === 'bored');
  // @ts-expect-error
  flow.url = 5;
  return flow;
}
