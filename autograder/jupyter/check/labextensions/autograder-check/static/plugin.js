// The Check button of a notebook, its entries in menu and palette, and what happens when pressed.
import { Api } from './api.js';
import { PanelView } from './panel.js';

const COMMAND = 'autograder:check';

export function makePlugin({ apputils, mainmenu, notebook, services, ui, widgets }) {
  return {
    id: 'autograder-check:plugin',
    description: 'Checks the open notebook and shows points by exercise.',
    autoStart: true,
    requires: [notebook.INotebookTracker],
    optional: [apputils.ICommandPalette, mainmenu.IMainMenu],
    activate: (app, tracker, palette, menu) => {
      const api = new Api(services.ServerConnection);
      const view = new PanelView({
        check: () => app.commands.execute(COMMAND),
        cancel: () => api.cancel(),
        open: path => app.commands.execute('docmanager:open', { path, factory: 'Notebook' }),
        show: (path, gradeId) => showCell(app, tracker, path, gradeId)
      });
      const panel = new widgets.Widget({ node: view.node });
      panel.id = 'autograder-check-panel';
      panel.title.caption = 'Check: your points by exercise';
      panel.title.label = 'Check';
      panel.addClass('autograder-check');
      app.shell.add(panel, 'right', { rank: 100 });

      app.commands.addCommand(COMMAND, {
        label: 'Check This Notebook',
        caption: 'Save the notebook, run its checks, and show points by exercise',
        isEnabled: () => tracker.currentWidget !== null,
        execute: async () => {
          const current = tracker.currentWidget;
          if (current) {
            app.shell.activateById(panel.id);
            await check(current, api, view);
          }
        }
      });
      app.docRegistry.addWidgetExtension('Notebook', {
        createNew: widget => {
          const button = new ui.ToolbarButton({
            label: 'Check',
            tooltip: 'Save, run the checks, and show points by exercise',
            onClick: () => {
              app.shell.activateById(panel.id);
              return check(widget, api, view);
            }
          });
          button.addClass('autograder-check-button');
          widget.toolbar.insertBefore('spacer', 'autograder-check', button) ||
            widget.toolbar.addItem('autograder-check', button);
          return button;
        }
      });
      palette?.addItem({ command: COMMAND, category: 'Notebook Operations' });
      menu?.runMenu.addGroup([{ command: COMMAND }], 100);

      const follow = following(api, view);
      view.follow = follow;
      app.restored.then(async () => {
        await view.refresh(api);
        await follow(); // a check may run since before the page was loaded again
      });
    }
  };
}

// Save, begin, and follow. What goes wrong is one sentence in the panel, never a dialog.
async function check(widget, api, view) {
  const { context } = widget;
  if (view.running) {
    view.notice('A check is running already; wait for it, or cancel it.');
    return;
  }
  view.begin(context.path);
  try {
    await context.ready;
    await context.save();
    if (context.model.dirty) {
      throw new Error();
    }
  } catch {
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

// Show the state until nothing runs any more; one loop at a time.
function following(api, view) {
  let running = null;
  const loop = async () => {
    let seen = -1;
    for (;;) {
      let state;
      try {
        state = await api.state(seen);
      } catch (error) {
        view.fail(error.message);
        return;
      }
      seen = state.version;
      view.show(state);
      if (!state.running) {
        await view.refresh(api);
        return;
      }
    }
  };
  return () => {
    running = running ?? loop().finally(() => (running = null));
    return running;
  };
}

// Go to the cell of an exercise, in the notebook that was checked.
function showCell(app, tracker, path, gradeId) {
  const widget = tracker.find(open => open.context.path === path);
  if (!widget) {
    return;
  }
  const cells = widget.content.widgets;
  const index = cells.findIndex(
    cell => cell.model.getMetadata('nbgrader')?.grade_id === gradeId
  );
  if (index >= 0) {
    app.shell.activateById(widget.id);
    widget.content.activeCellIndex = index;
    widget.content.scrollToItem(index, 'smart');
  }
}
