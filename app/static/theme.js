// Dark and light: as the system has it until somebody chooses, and then as chosen, also the next time.
const KEY = 'theme';

function chosen() {
    try {
        return localStorage.getItem(KEY);
    } catch {
        return null; // storage is forbidden: the choice lasts as long as the page
    }
}

function show(theme) {
    document.body.classList.toggle('dark', theme === 'dark');
    document.documentElement.style.colorScheme = theme;
}

export function switchTheme() {
    const system = matchMedia('(prefers-color-scheme: dark)');
    let theme = chosen();
    const current = () => theme ?? (system.matches ? 'dark' : 'light');
    // Gradio sets the class when it starts, after the system: what was chosen wins
    new MutationObserver(() => {
        const dark = document.body.classList.contains('dark');
        if (dark !== (current() === 'dark')) show(current());
    }).observe(document.body, { attributes: true, attributeFilter: ['class'] });
    system.addEventListener('change', () => show(current()));
    show(current());
    document.addEventListener('click', (event) => {
        if (!event.target.closest?.('.theme-switch')) return;
        theme = current() === 'dark' ? 'light' : 'dark';
        try {
            localStorage.setItem(KEY, theme);
        } catch {} // as above
        show(theme);
    });
}
