// Copying an answer gives Markdown with numbered sources. The chat's marks are links to this page's evidence, whose titles
// say what they stand for: [&#91;1&#93;](#cite-0-1 "page 3 of Annual report").
const MARK = /\[&#91;(\d+)(?: ⚠)?&#93;\]\(#cite-\d+-\d+(?: "((?:[^"\\]|\\.)*)")?\)/g;
const ENTITIES = { '&lt;': '<', '&gt;': '>', '&#91;': '[', '&#93;': ']', '&quot;': '"', '&amp;': '&' };

function plain(text) {
    return text.replace(/&(?:lt|gt|quot|amp|#91|#93);/g, (entity) => ENTITIES[entity]);
}

export function asMarkdown(text) {
    const sources = new Map();
    const marked = text.replace(MARK, (_, number, title) => {
        if (title) sources.set(number, plain(title).replace(/\\([\\`*_#|~])/g, '$1'));
        return `[${number}]`;
    });
    if (!sources.size) return plain(marked);
    const listed = [...sources].sort(([a], [b]) => a - b).map(([number, title]) => `[${number}] ${title}`);
    return `${plain(marked).trim()}\n\nSources:\n\n${listed.map((line) => `- ${line}`).join('\n')}\n`;
}

export function cleanCopies() {
    if (navigator.clipboard?.writeText) {
        const write = navigator.clipboard.writeText.bind(navigator.clipboard);
        navigator.clipboard.writeText = (text) => write(asMarkdown(text));
    }
    // without a secure origin Gradio copies from a text field that it makes for that
    document.addEventListener('copy', (event) => {
        const field = document.activeElement;
        if (!(field instanceof HTMLTextAreaElement) || !field.value.includes('](#cite-')) return;
        event.clipboardData.setData('text/plain', asMarkdown(field.value));
        event.preventDefault();
    });
}
