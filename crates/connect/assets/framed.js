// Inside another page: tells that page, and no other, where the visit stands and how high it is.
// Nothing that anybody typed or that names them is told.
(() => {
  const { by, session, status = null } = document.body.dataset;
  if (parent == window) return;
  const tell = (type, more) => parent.postMessage({ portico: 1, type, session_id: session, ...more }, by);
  const main = document.querySelector('main');
  tell('page', { step: main.dataset.step, status });
  // It may be left before it has loaded; what comes next speaks for itself.
  addEventListener('beforeunload', () => tell('left'));
  const probe = document.querySelector('[data-probe]');
  if (probe && !document.cookie.includes(probe.dataset.probe)) tell('blocked');
  const root = document.documentElement;
  new ResizeObserver(() => tell('size', { height: Math.ceil(root.getBoundingClientRect().height) })).observe(root);
})();
