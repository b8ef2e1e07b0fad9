// Elements of a page. What they hold is set as text, never as HTML: it comes from notebooks.
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) {
      node.addEventListener(name.slice(2), value);
    } else {
      node.setAttribute(name, value);
    }
  }
  node.append(...children);
  return node;
}

// The stylesheets of a panel: what all panels share, and its own.
export function addStyles(...addresses) {
  const shared = new URL('panel.css', import.meta.url).href;
  for (const href of [shared, ...addresses]) {
    document.head.append(element('link', { rel: 'stylesheet', href }));
  }
}

export const time = when =>
  new Date(when).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
