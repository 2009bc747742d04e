// The viewer: a page or picture as large as one likes, with what is cited in sight; to the next citation, the next page, and
// to words looked for. What there is to see stands in data-view attributes, written by app/figures.py.
const SHARP = 1300; // pixels of the screen from which on a page is fetched at twice the resolution
const STEP = 1.25;
const LEAST = 0.2;
const MOST = 6;
const WIDEST = 1000; // CSS pixels that a page has at 100 %, where there is room
const WAIT = 250; // ms after the last letter until words are looked for
const FOUND = 'Outlined: the words looked for';

const HTML = `
<div class="viewer-bar">
  <h2></h2>
  <div class="viewer-group" data-for="citations" role="group" aria-label="Citations">
    <button type="button" data-do="previous" title="Previous citation (p)" aria-label="Previous citation">‹</button>
    <span class="viewer-citation" role="status"></span>
    <button type="button" data-do="next" title="Next citation (n)" aria-label="Next citation">›</button>
  </div>
  <div class="viewer-group" data-for="pages" role="group" aria-label="Pages">
    <button type="button" data-do="pageup" title="Page before (Page Up)" aria-label="Page before">↑</button>
    <label>Page <input class="viewer-page" inputmode="numeric" size="3"></label><span class="viewer-pages"></span>
    <button type="button" data-do="pagedown" title="Page after (Page Down)" aria-label="Page after">↓</button>
  </div>
  <div class="viewer-group" role="group" aria-label="Size">
    <button type="button" data-do="smaller" title="Smaller (-)" aria-label="Smaller">−</button>
    <button type="button" data-do="fit" title="As wide as the window (0)" class="viewer-zoom"></button>
    <button type="button" data-do="larger" title="Larger (+)" aria-label="Larger">+</button>
  </div>
  <form class="viewer-group" data-for="pages" role="search">
    <input class="viewer-words" type="search" placeholder="Find in this document (/)" aria-label="Find in this document"
      maxlength="200">
    <button type="button" data-do="found-before" aria-label="Match before">‹</button>
    <span class="viewer-found" role="status"></span>
    <button type="submit" aria-label="Next match">›</button>
  </form>
  <button type="button" data-do="close" class="viewer-close" title="Back (Escape)">Close</button>
</div>
<div class="viewer-stage" tabindex="0" aria-label="The page; arrow keys move it"><div class="viewer-sheet"><img alt=""></div></div>
<p class="legend" role="status"><i></i><span></span></p>`;

const KEYS = {
    n: 'next', p: 'previous', PageDown: 'pagedown', PageUp: 'pageup', '+': 'larger', '=': 'larger', '-': 'smaller', 0: 'fit',
};

class Viewer {
    constructor() {
        this.dialog = document.createElement('dialog');
        this.dialog.id = 'viewer';
        this.dialog.innerHTML = HTML;
        document.body.append(this.dialog);
        const find = (selector) => this.dialog.querySelector(selector);
        [this.stage, this.sheet, this.image] = ['.viewer-stage', '.viewer-sheet', 'img'].map(find);
        [this.title, this.zoomed, this.pageBox, this.words] = ['h2', '.viewer-zoom', '.viewer-page', '.viewer-words'].map(find);
        [this.nth, this.count, this.found] = ['.viewer-citation', '.viewer-pages', '.viewer-found'].map(find);
        this.legend = find('.legend');
        this.title.id = 'viewer-title';
        this.dialog.setAttribute('aria-labelledby', 'viewer-title');
        this.matches = [];
        this.listen();
    }

    listen() {
        this.dialog.addEventListener('click', (event) => {
            const name = event.target.closest('[data-do]')?.dataset.do;
            if (name) this.act(name);
        });
        this.dialog.addEventListener('keydown', (event) => this.key(event));
        this.dialog.addEventListener('close', () => this.opener?.isConnected && this.opener.focus({ preventScroll: true }));
        this.pageBox.addEventListener('change', () => this.goTo(Number.parseInt(this.pageBox.value, 10)));
        this.dialog.querySelector('form').addEventListener('submit', (event) => {
            event.preventDefault();
            if (this.looked === this.words.value.trim()) this.step(1);
            else this.look();
        });
        this.words.addEventListener('input', () => {
            clearTimeout(this.timer);
            this.timer = setTimeout(() => this.look(), WAIT);
        });
        this.stage.addEventListener('wheel', (event) => {
            if (!event.ctrlKey) return; // as browsers tell a pinch
            event.preventDefault();
            this.scale(this.zoom * (event.deltaY < 0 ? STEP : 1 / STEP), event.clientX, event.clientY);
        }, { passive: false });
        this.drag();
        addEventListener('resize', () => this.dialog.open && this.draw());
    }

    // The page is moved by a mouse that is held down; fingers scroll anyhow.
    drag() {
        let from = null;
        this.stage.addEventListener('pointerdown', (event) => {
            if (event.pointerType !== 'mouse' || event.button) return;
            from = [event.clientX + this.stage.scrollLeft, event.clientY + this.stage.scrollTop];
            this.stage.setPointerCapture(event.pointerId);
        });
        this.stage.addEventListener('pointermove', (event) => {
            if (from) this.stage.scrollTo(from[0] - event.clientX, from[1] - event.clientY);
        });
        for (const end of ['pointerup', 'pointercancel']) this.stage.addEventListener(end, () => { from = null; });
    }

    key(event) {
        if (event.altKey || event.metaKey || event.ctrlKey || event.target.matches('input')) return;
        if (event.key === '/') {
            event.preventDefault();
            this.words.focus();
        } else if (KEYS[event.key]) {
            event.preventDefault();
            this.act(KEYS[event.key]);
        }
    }

    act(name) {
        const does = {
            next: () => this.cite(1),
            previous: () => this.cite(-1),
            pagedown: () => this.goTo(this.view.page + 1),
            pageup: () => this.goTo(this.view.page - 1),
            larger: () => this.scale(this.zoom * STEP),
            smaller: () => this.scale(this.zoom / STEP),
            fit: () => this.scale(1),
            'found-before': () => this.step(-1),
            close: () => this.dialog.close(),
        };
        does[name]();
    }

    open(link) {
        this.opener = link;
        this.zoom = 1;
        this.cited = [...document.querySelectorAll('#evidence .citations a[data-view]')];
        const own = link.dataset.view;
        this.at = this.cited.findIndex((one) => one.getAttribute('aria-current'));
        if (this.at >= 0 && JSON.parse(own).kind !== JSON.parse(this.cited[this.at].dataset.view).kind) this.at = -1;
        if (!this.dialog.open) this.dialog.showModal();
        this.show(JSON.parse(own));
        this.stage.focus({ preventScroll: true });
    }

    show(view) {
        if (this.view?.source !== view.source) this.forget();
        this.view = view;
        this.home = view;
        this.draw();
        this.sight();
    }

    forget() {
        this.matches = [];
        this.looked = '';
        this.words.value = '';
        this.found.textContent = '';
    }

    draw() {
        const { view } = this;
        const [width, height] = view.size;
        const room = Math.min(this.stage.clientWidth - 2, WIDEST);
        const tall = view.kind === 'picture' ? (this.stage.clientHeight - 2) / height : Infinity;
        this.shown = Math.min(room / width, tall) * this.zoom; // CSS pixels a point
        this.sheet.style.width = `${width * this.shown}px`;
        this.sheet.style.height = `${height * this.shown}px`;
        const sharp = width * this.shown * devicePixelRatio > SHARP;
        const url = view.kind === 'page' ? `${view.url}&number=${view.page}${sharp ? '&sharp=true' : ''}` : view.url;
        if (this.image.getAttribute('src') !== url) this.image.src = url;
        this.image.alt = view.kind === 'page' ? `Page ${view.page} of ${view.title}` : view.title;
        for (const mark of this.sheet.querySelectorAll('.mark')) mark.remove();
        for (const [x0, y0, x1, y1] of view.marks) {
            const mark = document.createElement('span');
            mark.className = 'mark';
            Object.assign(mark.style, {
                left: `${(x0 - 2) / width * 100}%`, top: `${(y0 - 2) / height * 100}%`,
                width: `${(x1 - x0 + 4) / width * 100}%`, height: `${(y1 - y0 + 4) / height * 100}%`,
            });
            this.sheet.append(mark);
        }
        this.say();
    }

    say() {
        const { view } = this;
        this.title.textContent = view.title;
        this.dialog.classList.toggle('near', Boolean(view.near));
        this.dialog.classList.toggle('found', view.legend === FOUND);
        this.legend.hidden = !view.marks.length;
        this.legend.querySelector('span').textContent = view.marks.length ? view.legend : '';
        this.zoomed.textContent = `${Math.round(this.zoom * 100)} %`;
        this.zoomed.setAttribute('aria-label', `${Math.round(this.zoom * 100)} percent; as wide as the window`);
        this.pageBox.value = view.page;
        this.count.textContent = ` of ${view.pages}`;
        for (const group of this.dialog.querySelectorAll('[data-for="pages"]')) group.hidden = view.kind !== 'page';
        const several = this.cited.length > 1;
        this.dialog.querySelector('[data-for="citations"]').hidden = !several;
        this.nth.textContent = this.at < 0 ? `${this.cited.length}` : `${this.at + 1} of ${this.cited.length}`;
        const off = { previous: this.at === 0, next: this.at === this.cited.length - 1 };
        off.pageup = view.page <= 1;
        off.pagedown = view.page >= view.pages;
        off['found-before'] = !this.matches.length;
        for (const [name, is] of Object.entries(off)) {
            this.dialog.querySelector(`[data-do="${name}"]`).setAttribute('aria-disabled', String(is));
        }
    }

    // What is marked comes into the middle of the window, or the top of the page where nothing is.
    sight() {
        const marks = this.view.marks;
        const x = marks.length ? (Math.min(...marks.map((m) => m[0])) + Math.max(...marks.map((m) => m[2]))) / 2 : 0;
        const y = marks.length ? (Math.min(...marks.map((m) => m[1])) + Math.max(...marks.map((m) => m[3]))) / 2 : 0;
        this.stage.scrollTo(x * this.shown - this.stage.clientWidth / 2, y * this.shown - this.stage.clientHeight / 2);
    }

    scale(zoom, clientX, clientY) {
        const box = this.stage.getBoundingClientRect();
        const [dx, dy] = [(clientX ?? box.left + box.width / 2) - box.left, (clientY ?? box.top + box.height / 2) - box.top];
        const [x, y] = [(this.stage.scrollLeft + dx) / this.shown, (this.stage.scrollTop + dy) / this.shown];
        this.zoom = Math.min(MOST, Math.max(LEAST, zoom));
        this.draw();
        this.stage.scrollTo(x * this.shown - dx, y * this.shown - dy);
    }

    // The panel behind follows, so that it shows the same after the viewer is closed.
    cite(by) {
        const to = this.at < 0 ? (by > 0 ? 0 : this.cited.length - 1) : this.at + by;
        const link = this.cited[to];
        if (!link) return;
        this.at = to;
        this.show(JSON.parse(link.dataset.view));
        link.click();
    }

    async goTo(page, marks) {
        if (this.view.kind !== 'page' || !(page >= 1 && page <= this.view.pages)) {
            this.say();
            return;
        }
        const size = await this.sizeOf(page);
        const home = page === this.home.page ? this.home : { marks: [] };
        const shown = marks ? { marks, legend: FOUND } : home;
        this.view = { ...this.view, page, size, marks: shown.marks, near: shown.near, legend: shown.legend };
        this.draw();
        this.sight();
    }

    async sizeOf(page) {
        if (page === this.view.page) return this.view.size;
        const answer = await fetch(`document/size?source=${encodeURIComponent(this.view.source)}&number=${page}`);
        return answer.ok ? (await answer.json()).size : this.view.size;
    }

    async look() {
        clearTimeout(this.timer);
        const words = this.words.value.trim();
        this.looked = words;
        if (!words) {
            this.matches = [];
            this.found.textContent = '';
            this.say();
            return;
        }
        const source = encodeURIComponent(this.view.source);
        const answer = await fetch(`document/find?source=${source}&words=${encodeURIComponent(words)}`);
        if (this.looked !== words) return; // more has been typed since
        this.matches = answer.ok ? (await answer.json()).matches : [];
        const after = this.matches.findIndex((match) => match.page >= this.view.page);
        this.match = Math.max(after, 0) - 1;
        if (this.matches.length) this.step(1);
        else this.found.textContent = answer.ok ? 'none' : 'cannot be searched';
        this.say();
    }

    step(by) {
        if (!this.matches.length) return;
        this.match = (this.match + by + this.matches.length) % this.matches.length;
        const { page, marks } = this.matches[this.match];
        this.found.textContent = `${this.match + 1} of ${this.matches.length}`;
        this.goTo(page, marks);
    }
}

export function openViewer() {
    let viewer = null;
    document.addEventListener('click', (event) => {
        const link = event.target.closest?.('a.viewed[data-view]');
        if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return; // a tab of its own was asked for
        event.preventDefault();
        viewer ??= new Viewer();
        viewer.open(link);
    });
}
