// The author's panel: what the gate finds in the open chapter, its proof, and a form for an exercise.
import { addStyles, element, time } from '../../autograder-shared/element.js';

const NOWHERE =
  'This panel is for the chapters: open a notebook of a folder in solutions/, and it shows what has ' +
  'to be mended before a release.';
const counted = (count, noun) => `${count} ${noun}${count === 1 ? '' : 's'}`;

// A sentence, with `code` as code.
const prose = text =>
  text.split(/`([^`\n]+)`/).map((part, n) => (n % 2 ? element('code', {}, part) : part));

export class AuthorView {
  // actions: prove(), cancel(), add(exercise), show(path, item)
  constructor(actions) {
    this.actions = actions;
    this.path = '';
    this.proofState = null;
    addStyles(new URL('panel.css', import.meta.url).href);
    this.name = element('h2');
    this.hint = element('p', {}, NOWHERE);
    this.prove = element('button', { class: 'ac-main', onclick: () => actions.prove() }, 'Prove');
    this.prove.title = 'Save, and let the chapter pass the gate, as `autograder prove` does';
    this.begin = element('button', { onclick: () => this.openForm() }, 'New exercise…');
    this.begin.setAttribute('aria-expanded', 'false');
    this.cancel = element('button', { hidden: '', onclick: () => this.stop() }, 'Cancel proof');
    this.buttons = element('div', { class: 'ac-buttons' }, this.prove, this.begin, this.cancel);
    this.form = new ExerciseForm(exercise => this.add(exercise), () => this.closeForm());
    this.made = element('section', { 'aria-label': 'The new exercise', hidden: '' });
    this.made.setAttribute('aria-live', 'polite');
    this.proof = this.makeProof();
    this.saved = this.makeSaved();
    this.node = element(
      'div',
      {},
      this.name,
      this.hint,
      this.buttons,
      this.form.node,
      this.made,
      this.proof,
      this.saved
    );
    this.follow('');
  }

  makeSaved() {
    this.status = element('p', { class: 'ac-status', role: 'status' });
    this.findings = element('ul', { class: 'ac-mend', 'aria-label': 'To mend' });
    this.toDoCount = element('summary');
    this.toDos = element('ul', { class: 'ac-to-do', 'aria-label': 'To do' });
    this.toDoBox = element('details', { hidden: '' }, this.toDoCount, this.toDos);
    const title = element('h3', {}, 'As it is saved');
    return element('section', {}, title, this.status, this.findings, this.toDoBox);
  }

  makeProof() {
    this.proofStatus = element('p', { class: 'ac-status', role: 'status' });
    this.proofNote = element('p', { class: 'ac-aside', role: 'status' });
    this.bar = element('progress', { hidden: '', 'aria-label': 'Progress of the proof' });
    this.proofFindings = element('ul', { class: 'ac-mend', 'aria-label': 'To mend after the proof' });
    this.remarkCount = element('summary');
    this.remarks = element('ul', { 'aria-label': 'Remarks of the proof' });
    this.remarkBox = element('details', { hidden: '' }, this.remarkCount, this.remarks);
    return element(
      'section',
      { hidden: '' },
      element('h3', {}, 'Proof'),
      this.proofStatus,
      this.bar,
      this.proofNote,
      this.proofFindings,
      this.remarkBox
    );
  }

  get proving() {
    return !this.bar.hidden;
  }

  // Be about a chapter's notebook, or about none.
  follow(path) {
    if (path && path === this.path) {
      return;
    }
    this.path = path;
    this.name.textContent = path.replace(/^solutions\//, '');
    this.name.title = path;
    this.hint.hidden = Boolean(path);
    for (const part of [this.name, this.prove, this.begin, this.saved]) {
      part.hidden = !path;
    }
    this.closeForm();
    this.made.hidden = true;
    this.status.textContent = '';
    this.show(this.findings, []);
    this.showToDos([]);
    this.showProof(this.proofState);
  }

  // What is found in the saved notebook.

  looking() {
    this.say(this.status, 'Looking at the saved notebook …');
    if (this.proofState?.report && this.proofState.path === this.path) {
      this.proofNote.textContent = 'It was saved since.';
    }
  }

  showContract({ findings, to_dos, exercises }) {
    this.form.offer(exercises);
    this.showToDos(to_dos);
    this.show(this.findings, findings);
    this.say(
      this.status,
      findings.length
        ? `${findings.length} to mend. What a release would give away is looked at when the contract holds.`
        : 'The contract holds; looking at what a release would give away …'
    );
  }

  showRelease({ findings }) {
    this.show(this.findings, findings);
    if (findings.length) {
      this.say(this.status, `The contract holds; ${findings.length} to mend.`);
    } else {
      this.say(this.status, 'The contract holds, and a release would give nothing away.', 'ac-clear');
    }
  }

  fail(sentence) {
    this.say(this.status, sentence, 'ac-trouble');
  }

  say(node, words, kind = '') {
    node.classList.remove('ac-trouble', 'ac-clear');
    if (kind) {
      node.classList.add(kind);
    }
    node.textContent = words;
  }

  show(list, items) {
    list.replaceChildren(...items.map(item => this.item(item, this.path)));
    list.hidden = !items.length; // an empty list is nothing to read
  }

  showToDos(items) {
    this.show(this.toDos, items);
    this.toDoCount.textContent = `${counted(items.length, 'placeholder')} to fill in`;
    this.toDoBox.hidden = !items.length;
  }

  item(item, path) {
    const leads = item.index !== null || item.file;
    const title = item.file ? `Open ${item.file}` : 'Go to this cell';
    const place = leads
      ? element(
          'button',
          { class: 'ac-title', title, onclick: () => this.actions.show(path, item) },
          item.where
        )
      : element('span', { class: 'ac-title' }, item.where);
    const says = element('p', { class: 'ac-says' }, ...prose(item.says));
    return element('li', {}, ...(item.where ? [place] : []), says);
  }

  // A new exercise.

  openForm() {
    const open = this.form.node.hidden;
    if (!open) {
      this.closeForm();
      return;
    }
    this.begin.setAttribute('aria-expanded', 'true');
    this.made.hidden = true;
    this.form.open();
  }

  closeForm() {
    this.begin.setAttribute('aria-expanded', 'false');
    this.form.node.hidden = true;
  }

  async add(exercise) {
    const made = await this.actions.add(exercise);
    this.closeForm();
    this.form.clear();
    this.made.replaceChildren(
      element('h3', {}, `${exercise.answer} was added`),
      ...made.notes.map(note => element('p', { class: 'ac-says' }, ...prose(note))),
      ...made.written.map(file => {
        const open = () => this.actions.show(this.path, { index: null, file });
        const attributes = { class: 'ac-title ac-file', title: `Open ${file}`, onclick: open };
        return element('button', attributes, file);
      })
    );
    this.made.hidden = false;
  }

  // The proof. state: see autograder/lab/runner.py

  beginProof() {
    this.showProof({ running: true, path: this.path, what: 'saving', total: 0 });
    this.cancel.hidden = true; // there is nothing to cancel yet
  }

  async stop() {
    this.cancel.disabled = true;
    await this.actions.cancel().catch(error => this.failProof(error.message));
  }

  failProof(sentence) {
    this.showProof({ running: false, path: this.path, error: sentence });
  }

  notice(sentence) {
    this.proofNote.textContent = sentence;
  }

  showProof(state) {
    const running = Boolean(state?.running);
    if (!running || !this.proving) {
      this.notice('');
    }
    this.proofState = state;
    const mine = running || (state?.path === this.path && (state.report || state.error));
    this.proof.hidden = !mine;
    this.bar.hidden = !running;
    this.cancel.hidden = !running;
    this.cancel.disabled = false;
    this.buttons.hidden = !this.path && !running;
    const report = mine && !running ? state.report : null;
    this.show(this.proofFindings, report?.findings ?? []);
    this.show(this.remarks, report?.remarks ?? []);
    this.remarkCount.textContent = `${counted(report?.remarks.length ?? 0, 'remark')} on how checks are graded`;
    this.remarkBox.hidden = !report?.remarks.length;
    if (running) {
      const chapter = state.path.split('/').at(-2);
      this.say(this.proofStatus, `${chapter}: ${state.what || 'nearly done'}`);
      if (state.total) {
        this.bar.max = state.total;
        this.bar.value = state.done;
      } else {
        this.bar.removeAttribute('value'); // not known yet how far
      }
    } else if (report) {
      const { findings, known, judged } = report;
      const answers = known ? ` ${counted(known, 'known answer')}, of which ${judged} ran now.` : '';
      const found = findings.length ? `${findings.length} to mend.` : 'nothing to mend.';
      const words = `Proved at ${time(state.when)}: ${found}${answers}`;
      this.say(this.proofStatus, words, report.open ? 'ac-clear' : '');
    } else if (mine) {
      this.say(this.proofStatus, state.error, 'ac-trouble');
    }
  }
}

// What `autograder new exercise` is told.
class ExerciseForm {
  // add(exercise): a promise, rejected with the sentence that refuses it; cancel()
  constructor(add, cancel) {
    this.add = add;
    const text = (name, attributes) =>
      element('input', { name, type: 'text', autocomplete: 'off', spellcheck: 'false', ...attributes });
    const option = (value, words) => element('option', { value }, words);
    const labelled = (words, field) => element('label', {}, words, field);
    this.answer = text('answer', { required: '', placeholder: 'max_pool' });
    this.kind = element(
      'select',
      { name: 'kind' },
      option('function', 'a function'),
      option('class', 'a class')
    );
    this.title = text('title', { placeholder: 'made of the name' });
    this.minutes = element('input', { name: 'minutes', type: 'number', min: '2', step: '1', required: '' });
    this.place = element('select', { name: 'place' });
    this.trouble = element('p', { class: 'ac-status ac-trouble', role: 'alert', hidden: '' });
    this.submit = element('button', { type: 'submit', class: 'ac-main' }, 'Add');
    this.node = element(
      'form',
      { hidden: '', 'aria-label': 'New exercise', onsubmit: event => this.send(event) },
      element('h3', {}, 'New exercise'),
      labelled('Name of what students write', this.answer),
      element('div', { class: 'ac-pair' }, labelled('It is', this.kind), labelled('Minutes', this.minutes)),
      labelled('Title', this.title),
      labelled('Place', this.place),
      this.trouble,
      element(
        'div',
        { class: 'ac-buttons' },
        this.submit,
        element('button', { type: 'button', onclick: cancel }, 'Cancel')
      )
    );
    this.node.addEventListener('keydown', event => event.key === 'Escape' && cancel());
    this.option = option;
    this.offer([]);
    this.clear();
  }

  // The exercises that it can be put beside.
  offer(exercises) {
    const chosen = this.place.value;
    const beside = where =>
      exercises.map(({ answer, title }) => this.option(`${where} ${answer}`, `${where} ${title}`));
    this.place.replaceChildren(
      this.option('', 'after the last exercise'),
      ...beside('before'),
      ...beside('after')
    );
    this.place.value = [...this.place.options].some(one => one.value === chosen) ? chosen : '';
  }

  open() {
    this.trouble.hidden = true;
    this.node.hidden = false;
    this.answer.focus();
  }

  clear() {
    this.node.reset();
    this.minutes.value = '10';
  }

  async send(event) {
    event.preventDefault();
    const [where, beside] = this.place.value.split(' ');
    this.trouble.hidden = true;
    this.submit.disabled = true;
    try {
      await this.add({
        answer: this.answer.value.trim(),
        title: this.title.value,
        minutes: Number(this.minutes.value),
        class: this.kind.value === 'class',
        ...(where ? { [where]: beside } : {})
      });
    } catch (error) {
      this.trouble.replaceChildren(...prose(error.message));
      this.trouble.hidden = false;
    } finally {
      this.submit.disabled = false;
    }
  }
}
