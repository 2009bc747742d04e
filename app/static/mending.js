// What Gradio's own markup leaves to be desired for those who hear the page or use no pointer (axe-core's rules are named).

function name(element, label) {
    if (element.getAttribute('aria-label') !== label) element.setAttribute('aria-label', label);
}

const MENDED = [
    // a message is heard as it is read, not as its markup
    ['#chat [aria-label*="\'s message: "]', (message) => {
        const [who] = message.getAttribute('aria-label').split("'s message: ");
        name(message, who === 'user' ? 'You' : 'Answer');
    }],
    ['#chat a[href^="#cite-"]', (mark) => {
        const number = mark.getAttribute('href').split('-').pop();
        const doubt = mark.textContent.includes('⚠') ? ', not confirmed' : '';
        const title = mark.getAttribute('title') ?? '';
        name(mark, `citation ${number}${title && `, ${title}`}${doubt}`);
    }],
    // nested-interactive, button-name: the arrow of a step is a button within a button, and nameless
    ['#chat .title[role="button"]', (step) => {
        const arrow = step.querySelector('.arrow');
        if (arrow && !arrow.inert) arrow.inert = true;
        const open = String(Boolean(step.nextElementSibling));
        if (step.getAttribute('aria-expanded') !== open) step.setAttribute('aria-expanded', open);
    }],
    // aria-required-children: a list whose items are buttons is a group of buttons
    ['#chat .examples[role="list"]', (examples) => {
        examples.setAttribute('role', 'group');
        name(examples, 'Examples');
    }],
];

function all() {
    for (const [selector, how] of MENDED) {
        for (const element of document.querySelectorAll(selector)) how(element);
    }
}

export function mend() {
    let waiting = false;
    const soon = () => {
        if (waiting) return;
        waiting = true;
        requestAnimationFrame(() => {
            waiting = false;
            all();
        });
    };
    new MutationObserver(soon).observe(document.body, { childList: true, subtree: true });
    soon();
    // an example that was clicked is gone: the focus goes to where the next question is written
    document.addEventListener('click', (event) => {
        if (!event.target.closest?.('#chat .example')) return;
        document.querySelector('#ask textarea')?.focus({ preventScroll: true });
    });
}
