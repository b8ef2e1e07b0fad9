// The Check button of a notebook, its entries in menu and palette, and what happens when pressed.
import { following, goTo, saved } from '../../autograder-shared/notebooks.js';
import { Api } from './api.js';
import { PanelView } from './panel.js';

const CHECK = 'autograder:check';
const SUBMIT = 'autograder:submit';

export function makePlugin({ application, apputils, mainmenu, notebook, services, ui, widgets }) {
  return {
    id: 'autograder-check:plugin',
    description: 'Checks the open notebook and shows points by exercise.',
    autoStart: true,
    requires: [notebook.INotebookTracker],
    optional: [apputils.ICommandPalette, mainmenu.IMainMenu, application.ILayoutRestorer],
    activate: (app, tracker, palette, menu, restorer) => {
      const api = new Api(services.ServerConnection);
      const view = new PanelView({
        check: () => app.commands.execute(CHECK),
        submit: () => app.commands.execute(SUBMIT),
        cancel: () => api.cancel(),
        open: path => app.commands.execute('docmanager:open', { path, factory: 'Notebook' }),
        show: (path, gradeId) => showCell(app, tracker, path, gradeId)
      });
      const panel = new widgets.Widget({ node: view.node });
      panel.id = 'autograder-check-panel';
      panel.title.caption = 'Check: your points by exercise';
      panel.title.label = 'Check';
      panel.addClass('autograder-panel');
      panel.addClass('autograder-check');
      app.shell.add(panel, 'right', { rank: 100 });
      restorer?.add(panel, panel.id); // open again, if it was

      const begin = async (work, notebook) => {
        app.shell.activateById(panel.id);
        if (view.running) {
          view.notice('Something is running already; wait for it, or cancel it.');
        } else if (notebook) {
          await work(notebook, api, view);
        } else {
          view.fail('Open a notebook first.');
        }
      };
      app.commands.addCommand(CHECK, {
        label: 'Check This Notebook',
        caption: 'Save the notebook, run its checks, and show points by exercise',
        execute: () => begin(check, tracker.currentWidget)
      });
      app.commands.addCommand(SUBMIT, {
        label: 'Submit This Notebook',
        caption: 'Save the notebook and hand it in',
        execute: () => begin(submit, tracker.currentWidget)
      });
      app.docRegistry.addWidgetExtension('Notebook', {
        createNew: widget => {
          const button = new ui.ToolbarButton({
            label: 'Check',
            tooltip: 'Save, run the checks, and show points by exercise',
            onClick: () => begin(check, widget)
          });
          button.addClass('autograder-check-button');
          widget.toolbar.insertBefore('spacer', 'autograder-check', button) ||
            widget.toolbar.addItem('autograder-check', button);
          return button;
        }
      });
      for (const command of [CHECK, SUBMIT]) {
        palette?.addItem({ command, category: 'Notebook Operations' });
      }
      menu?.runMenu.addGroup([{ command: CHECK }, { command: SUBMIT }], 100);

      const follow = following({
        state: seen => api.state(seen),
        show: state => view.show(state),
        fail: sentence => view.fail(sentence),
        ended: () => view.refresh(api)
      });
      view.follow = follow;
      app.restored.then(async () => {
        await view.refresh(api);
        const state = await api.state(-1).catch(() => null);
        if (state?.running) {
          app.shell.activateById(panel.id); // begun before the page was loaded again
        }
        await follow();
      });
    }
  };
}

// Save, begin, and follow. What goes wrong is one sentence in the panel, never a dialog.
async function check(widget, api, view) {
  const { context } = widget;
  view.begin(context.path);
  if (!(await saved(context))) {
    view.fail('The notebook could not be saved, so it was not checked.');
    return;
  }
  try {
    await api.check(context.path);
  } catch (error) {
    view.fail(error.message);
    if (error.status !== 409) {
      return;
    }
    view.notice(error.message); // one runs in another window: show that
  }
  await view.follow();
}

// Save, hand in, and say what was sent.
async function submit(widget, api, view) {
  const { context } = widget;
  view.begin(context.path);
  if (!(await saved(context))) {
    view.fail('The notebook could not be saved, so it was not submitted.');
    return;
  }
  view.working(true, `${context.path}: submitting …`, false);
  try {
    view.end((await api.submit(context.path)).receipt);
  } catch (error) {
    view.fail(error.message);
  }
}

// Go to the cell of an exercise, in the notebook that was checked.
function showCell(app, tracker, path, gradeId) {
  const widget = tracker.find(open => open.context.path === path);
  if (!widget) {
    return;
  }
  goTo(app, widget, cell => cell.model.getMetadata('nbgrader')?.grade_id === gradeId);
}
