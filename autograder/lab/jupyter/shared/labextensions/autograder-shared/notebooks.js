// What both panels do with an open notebook: save it, go to one of its cells, wait for its work.

// Save the notebook and say whether it is on disk; of a failure, JupyterLab tells the reason.
export async function saved(context) {
  let failed = false;
  const look = (_, state) => {
    failed = failed || state === 'failed';
  };
  context.saveState.connect(look);
  try {
    await context.ready;
    await context.save();
  } catch {
    failed = true; // canceled, for instance, because the file on disk is newer
  } finally {
    context.saveState.disconnect(look);
  }
  return !failed;
}

// Go to the first cell for which `found` is true; say whether there is one.
export function goTo(app, widget, found) {
  const index = widget.content.widgets.findIndex(found);
  if (index >= 0) {
    app.shell.activateById(widget.id);
    widget.content.activeCellIndex = index;
    widget.content.scrollToItem(index, 'smart');
  }
  return index >= 0;
}

// Show the state of work until nothing runs any more; one loop at a time.
// state(seen): asks for a state that is newer; show(state); fail(sentence); ended()
export function following({ state, show, fail, ended = () => {} }) {
  let running = null;
  let calls = 0; // who calls while the loop is at its end waits for another look
  const look = async () => {
    let seen = -1;
    for (;;) {
      const now = await state(seen);
      seen = now.version;
      show(now);
      if (!now.running) {
        return;
      }
    }
  };
  const loop = async () => {
    let answered;
    do {
      answered = calls;
      try {
        await look();
      } catch (error) {
        fail(error.message);
        continue;
      }
      await ended();
    } while (answered !== calls);
  };
  return () => {
    calls += 1;
    running = running ?? loop().finally(() => (running = null));
    return running;
  };
}
