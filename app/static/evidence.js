// The evidence panel: what is cited comes into sight, the focus stays where it was, and keys go from citation to citation.
const EDGE = 16; // pixels between what is cited and the edge of what is seen

function scroller(panel) {
    for (let box = panel; box; box = box.parentElement) {
        if (/auto|scroll/.test(getComputedStyle(box).overflowY) && box.scrollHeight > box.clientHeight) return box;
    }
    return document.scrollingElement;
}

// The item comes to the top, below the head that stays; what is cited into the middle, where that does not show it.
export function reveal(panel) {
    const item = panel?.querySelector('article.evidence-item');
    if (!item || !panel.offsetParent) return;
    const box = scroller(panel);
    const top = box === document.scrollingElement ? 0 : box.getBoundingClientRect().top;
    const head = panel.querySelector('.evidence-head');
    const first = top + Number.parseFloat(getComputedStyle(head).top) + head.offsetHeight; // where it stays, below the tabs
    let by = item.getBoundingClientRect().top - first;
    const [cited, ...more] = ['td.cited', 'mark.cited-words', '.mark'].map((one) => panel.querySelectorAll(one))
        .find((all) => all.length) ?? [];
    if (cited) {
        const begin = cited.getBoundingClientRect().top;
        const end = Math.max(...[cited, ...more].map((one) => one.getBoundingClientRect().bottom));
        const height = top + box.clientHeight - first;
        if (end - by > first + height - EDGE) by = begin - first - Math.max(EDGE, (height - (end - begin)) / 2);
    }
    box.scrollTop += by;
}

// Where the focus was within the panel, so that it can be given to the same thing after the panel is made anew.
function remembered(element) {
    const step = element?.dataset?.step;
    if (step) return [`[data-step="${step}"]`, 'a[data-step]'];
    return element?.closest?.('.citations') ? ['.citations a[aria-current]'] : ['article.evidence-item'];
}

export function keepEvidenceInSight() {
    let wanted = null;
    document.addEventListener('focusin', (event) => {
        wanted = event.target.closest('#evidence') ? remembered(event.target) : null;
    });
    document.addEventListener('evidence-shown', () => {
        const panel = document.getElementById('evidence');
        requestAnimationFrame(() => requestAnimationFrame(() => {
            reveal(panel);
            if (wanted && document.activeElement === document.body) {
                const again = wanted.map((selector) => panel.querySelector(selector)).find(Boolean);
                again?.focus({ preventScroll: true });
            }
        }));
    });
    document.addEventListener('keydown', (event) => {
        if (event.altKey || event.ctrlKey || event.metaKey || !['n', 'p'].includes(event.key)) return;
        const at = event.target;
        if (at.matches('input, textarea, select, [contenteditable]')) return;
        if (!at.closest('#evidence, #chat a[href^="#cite-"]')) return;
        const step = document.querySelector(`#evidence a[data-step="${event.key === 'n' ? 'next' : 'previous'}"]`);
        if (!step) return;
        event.preventDefault();
        step.click();
    });
}
