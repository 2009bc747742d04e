// On a phone evidence and documents are a sheet over the chat: a citation opens it, a button leads back to where one was.
const NARROW = matchMedia('(max-width: 760px)');

export function openSheet() {
    let origin = null; // of the click that opened it: an address where Gradio may have made the link anew since
    document.documentElement.classList.add('scripted');

    const isOpen = () => document.body.classList.contains('sheet-open');
    const set = (open) => {
        document.body.classList.toggle('sheet-open', open);
        const chat = document.getElementById('chat-column');
        if (chat) chat.inert = open && NARROW.matches;
        for (const button of document.querySelectorAll('.to-side')) button.setAttribute('aria-expanded', String(open));
    };
    const open = (from) => {
        if (!NARROW.matches || isOpen()) return;
        origin = from;
        set(true);
        document.querySelector('.to-chat')?.focus({ preventScroll: true });
        document.dispatchEvent(new CustomEvent('evidence-shown')); // what could not be scrolled while it was hidden
    };
    const close = () => {
        set(false);
        const href = origin?.getAttribute('href');
        const link = href ? document.querySelector(`#chat a[href="${CSS.escape(href)}"]`) : null;
        (link ?? document.querySelector('.to-side'))?.focus();
    };
    NARROW.addEventListener('change', () => set(false));
    document.addEventListener('click', (event) => {
        const by = event.target.closest?.('#chat a[href^="#cite-"], .to-side, .to-chat');
        if (!by) return;
        if (by.matches('.to-chat')) close();
        else open(by);
    });
    // another tab begins at its top
    document.addEventListener('click', (event) => {
        if (event.target.closest?.('#side [role=tab]')) document.getElementById('side-column').scrollTop = 0;
    });
    document.addEventListener('keydown', (event) => {
        if (event.key === 'Escape' && isOpen() && NARROW.matches && !document.querySelector('dialog[open]')) close();
    });
}
