// Comfort only: every page works without it. Kept small by hand; comments and indentation go away.
(() => {
  const all = (selector) => document.querySelectorAll(selector);
  // A PIN is readable while it is typed; people who are watched can hide it.
  all('[data-peek]').forEach((button) => {
    const input = document.getElementById(button.dataset.peek);
    const show = (visible) => {
      input.type = visible ? 'text' : 'password';
      button.firstChild.textContent = button.dataset[visible ? 'hide' : 'show'];
    };
    button.hidden = false;
    button.onclick = () => { show(input.type != 'text'); input.focus(); };
    // A password field on submit would make browsers offer to keep the PIN.
    input.form.addEventListener('submit', () => show(true));
  });
  // The list of carriers gets a search box.
  all('[data-search]').forEach((box) => {
    const list = document.getElementById(box.dataset.search);
    const input = box.querySelector('input');
    const plain = (text) => text.normalize('NFKD').toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
    const options = [...list.querySelectorAll('.choice:not(.last)')].map((el) => [el, plain(el.textContent)]);
    const search = () => {
      const wanted = plain(input.value);
      let found = 0;
      options.forEach(([el, name]) => { found += !(el.hidden = !name.includes(wanted)); });
      list.querySelector('[data-none]').hidden = found > 0;
      list.scrollTop = 0;
    };
    box.hidden = false;
    input.oninput = search;
    input.onkeydown = (event) => {
      if (event.key != 'Enter') return;
      event.preventDefault();
      const first = options.find(([el]) => !el.hidden);
      if (first && input.value) { first[0].firstChild.checked = true; first[0].firstChild.focus(); }
    };
    const checked = list.querySelector('.choice:not(.last) :checked');
    if (checked) list.scrollTop = checked.parentNode.offsetTop - list.offsetTop - 60;
  });
  // A second tap on the button does not send the form twice; coming back makes it usable again.
  let sent = false;
  all('form').forEach((form) => form.addEventListener('submit', (event) => {
    if (sent) event.preventDefault();
    sent = true;
    setTimeout(() => { sent = false; }, 5000);
  }));
  addEventListener('pageshow', () => { sent = false; });
  // Browsers without autofocus on headings.
  const first = document.querySelector('[autofocus]');
  // Inside another page, what is typed there is not interrupted.
  const mayFocus = parent == window || document.hasFocus();
  if (first && mayFocus && document.activeElement == document.body) first.focus({ preventScroll: true });
  const auto = document.querySelector('form[data-auto]');
  if (auto) auto.querySelector('[data-primary]').click();
})();
