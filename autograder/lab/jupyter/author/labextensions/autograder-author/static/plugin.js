// The author's panel follows the open notebook; its commands, and what happens when they are given.
import { following, goTo, saved } from '../../autograder-shared/notebooks.js';
import { Api } from './api.js';
import { AuthorView } from './panel.js';

const SHOW = 'autograder:author';
const PROVE = 'autograder:prove';
const EXERCISE = 'autograder:new-exercise';
const CHAPTER = /^solutions\/[^/.][^/]*\/[^/.][^/]*\.ipynb$/;

export function makePlugin({ application, apputils, mainmenu, notebook, services, ui, widgets }) {
  return {
    id: 'autograder-author:plugin',
    description: 'Shows what has to be mended in a source notebook before its release.',
    autoStart: true,
    requires: [notebook.INotebookTracker, application.ILabShell],
    optional: [apputils.ICommandPalette, mainmenu.IMainMenu, application.ILayoutRestorer],
    activate: (app, tracker, shell, palette, menu, restorer) => {
      const api = new Api(services.ServerConnection);
      const view = new AuthorView({
        prove: () => app.commands.execute(PROVE),
        cancel: () => api.cancel(),
        add: exercise => follower.add(exercise),
        show: (path, item) => show(app, tracker, notebook.NotebookActions, path, item)
      });
      const panel = new widgets.Widget({ node: view.node });
      panel.id = 'autograder-author-panel';
      panel.title.caption = 'Author: what has to be mended before a release';
      panel.title.label = 'Author';
      panel.addClass('autograder-panel');
      panel.addClass('autograder-author');
      app.shell.add(panel, 'right', { rank: 100 });
      restorer?.add(panel, panel.id); // open again, if it was

      const follower = new Follower(app, api, view);
      tracker.currentChanged.connect((_, widget) => follower.follow(widget));
      shell.currentChanged.connect((_, { newValue }) => {
        if (newValue && newValue === follower.widget) {
          follower.look(); // its known answers may have been edited meanwhile
        }
      });
      const proof = following({
        state: seen => api.state(seen),
        show: state => view.showProof(state),
        fail: sentence => view.failProof(sentence)
      });

      const isChapter = () => Boolean(follower.path);
      app.commands.addCommand(SHOW, {
        label: 'Show the Author Panel',
        caption: 'Show what has to be mended before a release',
        execute: () => app.shell.activateById(panel.id)
      });
      app.commands.addCommand(PROVE, {
        label: 'Prove This Chapter',
        caption: 'Save the notebook, and let its chapter pass the gate',
        isEnabled: isChapter,
        execute: async () => {
          app.shell.activateById(panel.id);
          if (view.proving) {
            view.notice('A proof is running already; wait for it, or cancel it.');
          } else if (await prove(follower.widget, api, view)) {
            await proof();
          }
        }
      });
      app.commands.addCommand(EXERCISE, {
        label: 'New Exercise…',
        caption: 'Put an exercise into this chapter',
        isEnabled: isChapter,
        execute: () => {
          app.shell.activateById(panel.id);
          view.openForm();
        }
      });
      app.docRegistry.addWidgetExtension('Notebook', {
        createNew: (widget, context) => {
          if (!CHAPTER.test(context.path)) {
            return undefined;
          }
          const button = new ui.ToolbarButton({
            label: 'Author',
            tooltip: 'Show what has to be mended before a release',
            onClick: () => app.commands.execute(SHOW)
          });
          button.addClass('autograder-author-button');
          widget.toolbar.insertBefore('spacer', 'autograder-author', button) ||
            widget.toolbar.addItem('autograder-author', button);
          return button;
        }
      });
      for (const command of [SHOW, PROVE, EXERCISE]) {
        palette?.addItem({ command, category: 'Notebook Operations' });
      }
      menu?.runMenu.addGroup([{ command: PROVE }], 100);
      menu?.viewMenu.addGroup([{ command: SHOW }], 100);

      shell.restored.then(async layout => {
        if (layout.fresh) {
          app.shell.activateById(panel.id); // once: whoever closes it has it closed
        }
        follower.follow(tracker.currentWidget);
        await proof(); // begun before the page was loaded again, perhaps
      });
    }
  };
}

// Keeps the panel about the notebook that is open, as it was saved last.
class Follower {
  constructor(app, api, view) {
    Object.assign(this, { app, api, view, widget: null, turn: 0 });
    this.onSave = (_, state) => state === 'completed' && this.look();
    this.onMove = () => this.look();
  }

  // The chapter's notebook; empty if it is another one, or none.
  get path() {
    const path = this.widget?.context.path ?? '';
    return CHAPTER.test(path) ? path : '';
  }

  follow(widget) {
    if (this.widget === widget) {
      return;
    }
    if (this.widget && !this.widget.isDisposed) {
      this.widget.context.saveState.disconnect(this.onSave);
      this.widget.context.pathChanged.disconnect(this.onMove);
    }
    this.widget = widget;
    widget?.context.saveState.connect(this.onSave);
    widget?.context.pathChanged.connect(this.onMove);
    this.look();
  }

  // Show what is found in the file; what comes late, after another look began, is not shown.
  async look() {
    const turn = ++this.turn;
    const { api, view, path } = this;
    view.follow(path);
    await null; // one click may be several reasons to look
    if (!path || turn !== this.turn) {
      return;
    }
    view.looking();
    try {
      const found = await api.contract(path);
      if (turn !== this.turn) {
        return;
      }
      view.showContract(found);
      if (!found.findings.length) {
        const released = await api.release(path);
        if (turn === this.turn) {
          view.showRelease(released);
        }
      }
    } catch (error) {
      if (turn === this.turn) {
        view.fail(error.message);
      }
    }
  }

  // Put an exercise into the file, and show the file. raises: Error with one sentence
  async add(exercise) {
    const { app, api, path, widget } = this;
    const { context } = widget;
    if (context.model.dirty) {
      throw new Error('Save the notebook first: the exercise is put into the saved file.');
    }
    const made = await api.addExercise(path, exercise);
    if (context.model.dirty) {
      throw new Error(
        'The exercise is in the file, but the notebook was edited meanwhile: choose File, Reload ' +
          'Notebook from Disk.'
      );
    }
    await context.revert();
    goTo(app, widget, isCell(made, widget));
    this.look();
    return made;
  }
}

// Save, and begin; say whether there is a proof to follow.
async function prove({ context }, api, view) {
  view.beginProof();
  if (!(await saved(context))) {
    view.failProof('The notebook could not be saved, so it was not proved.');
    return false;
  }
  try {
    await api.prove(context.path);
  } catch (error) {
    if (error.status !== 409) {
      view.failProof(error.message);
      return false;
    }
    view.notice(error.message); // one runs in another window: show that
  }
  return true;
}

const isCell = ({ cell, index }, widget) => {
  const cells = widget.content.widgets;
  return one => (cell ? one.model.id === cell : cells.indexOf(one) === index);
};

// Go to what an item of the panel is about: a cell of a notebook, or another file.
async function show(app, tracker, actions, path, item) {
  if (item.file) {
    await app.commands.execute('docmanager:open', { path: item.file });
    return;
  }
  const open = tracker.find(widget => widget.context.path === path);
  const widget = open ?? (await app.commands.execute('docmanager:open', { path, factory: 'Notebook' }));
  await widget.context.ready;
  if (goTo(app, widget, isCell(item, widget))) {
    actions.deselectAll(widget.content);
    const cell = widget.content.activeCell;
    await cell.ready;
    // Folded code is shown, without a trace in the file: it is released folded, as it was.
    cell.syncCollapse = false; // set again, it would fold the cell again
    cell.inputHidden = false;
  }
}
