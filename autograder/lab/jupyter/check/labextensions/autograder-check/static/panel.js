// The panel: what is checked now, points by exercise, and all chapters.
// Messages come from students' code and from checks: they are set as text, never as HTML.

import { addStyles, element, time } from '../../autograder-shared/element.js';

const number = value => String(Math.round(value * 100) / 100);
const pointsOf = points => `${number(points)} ${points === 1 ? 'point' : 'points'}`;
const ofPoints = (score, points) => `${number(score)} of ${pointsOf(points)}`;

export class PanelView {
  // actions: check(), submit(), cancel(), open(path), show(path, gradeId)
  constructor(actions) {
    this.actions = actions;
    this.path = '';
    addStyles(new URL('panel.css', import.meta.url).href);
    this.button = element('button', { class: 'ac-main', onclick: () => actions.check() }, 'Check');
    this.submit = element(
      'button',
      { class: 'ac-submit', title: 'Save and hand in', onclick: () => actions.submit() },
      'Submit'
    );
    this.cancel = element('button', { hidden: '', onclick: () => this.stop() }, 'Cancel');
    this.bar = element('progress', { hidden: '', 'aria-label': 'Progress of the check' });
    this.status = element('p', { class: 'ac-status', role: 'status' });
    this.remark = element('p', { class: 'ac-aside', role: 'status' });
    this.report = element('section', { 'aria-label': 'Points by exercise' });
    this.chapters = element('details', { class: 'ac-chapters', open: '', hidden: '' });
    this.node = element(
      'div',
      {},
      element('div', { class: 'ac-buttons' }, this.button, this.submit, this.cancel),
      this.status,
      this.bar,
      this.remark,
      this.chapters,
      this.report
    );
    this.status.textContent =
      'Check saves the open notebook and runs its checks; Submit saves it and hands it in.';
  }

  get running() {
    return !this.bar.hidden;
  }

  notice(words) {
    this.remark.textContent = words;
  }

  begin(path) {
    if (path !== this.path) {
      this.report.replaceChildren();
    }
    this.path = path;
    this.working(true, `${path}: saving …`, false);
  }

  // What was said comes to an end: of a check that stopped, of a submission.
  end(words) {
    this.working(false, words);
  }

  async stop() {
    this.cancel.disabled = true;
    await this.actions.cancel().catch(error => this.fail(error.message));
  }

  fail(sentence) {
    this.end(sentence);
    this.status.classList.add('ac-trouble');
  }

  working(running, words, cancelable = running) {
    this.bar.hidden = !running;
    this.cancel.hidden = !cancelable;
    this.cancel.disabled = false;
    this.notice('');
    this.node.classList.toggle('ac-running', running);
    this.status.classList.remove('ac-trouble');
    this.status.textContent = words;
    if (running) {
      this.bar.removeAttribute('value'); // not known yet how far
    }
  }

  // state: see autograder/lab/runner.py
  show(state) {
    if (state.running) {
      const step = state.total ? ` (${state.done + 1} of ${state.total})` : '';
      this.working(true, `${state.path}: ${state.what || 'nearly done'}${state.what && step}`);
      if (state.total) {
        this.bar.max = state.total;
        this.bar.value = state.done;
      }
    } else if (state.error) {
      this.report.replaceChildren(); // it is of an earlier check
      this.fail(state.error);
    } else if (state.report) {
      this.showReport(state);
    }
  }

  showReport({ path, report, when }) {
    this.path = path;
    const later = report.exercises.some(exercise => exercise.hidden > 0)
      ? ' in the checks that you can see; the hidden ones run when it is graded.'
      : '';
    this.working(false, `${path}, checked at ${time(when)}`);
    this.chapters.open = false; // one line above the report; a click opens it
    this.report.replaceChildren(
      element(
        'p',
        { class: 'ac-sum' },
        element('strong', {}, ofPoints(report.score, report.points)),
        later
      ),
      ...report.exercises.map(exercise => this.exercise(exercise)),
      ...this.notes(report.notes)
    );
  }

  // What was repaired for this check.
  notes(notes) {
    const lines = notes.map(note => element('p', { class: 'ac-note' }, note));
    if (lines.length < 3) {
      return lines;
    }
    const summary = element('summary', {}, `${lines.length} notes on your notebook`);
    return [element('details', { class: 'ac-note' }, summary, ...lines)];
  }

  exercise(exercise) {
    const checked = exercise.checks.length > 0;
    const [sign, words] = exercise.complete
      ? ['✓', 'right']
      : checked
        ? ['✗', 'not right yet']
        : ['–', 'not checked here'];
    const title = element(
      'button',
      {
        class: 'ac-title',
        title: 'Go to this exercise',
        onclick: () => this.actions.show(this.path, exercise.answer)
      },
      exercise.title
    );
    const marks = checked ? `${number(exercise.score)}/${number(exercise.points)}` : '';
    const aspects = new Map(); // by message: an answer that does not run says it at each check
    for (const { outcome, message, aspect } of exercise.checks) {
      if (outcome !== 'passed') {
        const words = message || outcome;
        aspects.set(words, [...(aspects.get(words) ?? []), aspect]);
      }
    }
    const lines = [...aspects].map(([words, of]) => this.message(words, of));
    if (exercise.hidden) {
      const words = `${number(exercise.hidden)} more by a hidden check, when graded`;
      lines.push(element('p', { class: 'ac-aside' }, words));
    }
    if (exercise.written) {
      const words = `${pointsOf(exercise.written)}, graded by your instructor`;
      lines.push(element('p', { class: 'ac-aside' }, words));
    }
    const kind = exercise.complete ? 'ac-right' : checked ? 'ac-wrong' : 'ac-open';
    return element(
      'article',
      { class: `ac-exercise ${kind}` },
      element(
        'h3',
        {},
        element('span', { class: 'ac-sign', role: 'img', 'aria-label': words }, sign),
        title,
        element('span', { class: 'ac-marks' }, marks)
      ),
      ...lines
    );
  }

  message(words, aspects) {
    return element(
      'p',
      { class: 'ac-message' },
      `${words} `,
      element('span', { class: 'ac-aside' }, `(${aspects.join(', ')})`)
    );
  }

  // Show how far the student is; a table that cannot be had is left as it is.
  async refresh(api) {
    let chapters;
    try {
      chapters = await api.chapters();
    } catch {
      return;
    }
    const score = chapters.reduce((sum, chapter) => sum + (chapter.last?.score ?? 0), 0);
    const points = chapters.reduce((sum, chapter) => sum + chapter.points, 0);
    const head = ['Chapter', 'Points', 'Checked'].map(name => element('th', { scope: 'col' }, name));
    this.chapters.hidden = false;
    this.chapters.replaceChildren(
      element('summary', {}, `All chapters: ${number(score)} of ${number(points)}`),
      element(
        'table',
        {},
        element('thead', {}, element('tr', {}, ...head)),
        element('tbody', {}, ...chapters.map(chapter => this.chapter(chapter)))
      )
    );
  }

  chapter({ chapter, title, path, points, last }) {
    const when = last ? new Date(last.when) : null;
    const open = element(
      'button',
      { class: 'ac-title', title: `Open ${path}`, onclick: () => this.actions.open(path) },
      title || chapter
    );
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, open),
      element('td', {}, `${last ? number(last.score) : '–'}/${number(points)}`),
      element(
        'td',
        when ? { title: when.toLocaleString() } : {},
        when ? when.toLocaleDateString([], { month: 'short', day: 'numeric' }) : 'not yet'
      )
    );
  }
}
