// What Gradio's components do not do: loaded once, with the page.
import { cleanCopies } from './copying.js';
import { keepEvidenceInSight } from './evidence.js';
import { mend } from './mending.js';
import { openSheet } from './sheet.js';
import { switchTheme } from './theme.js';
import { openViewer } from './viewer.js';

switchTheme();
cleanCopies();
keepEvidenceInSight();
openSheet();
openViewer();
mend();
