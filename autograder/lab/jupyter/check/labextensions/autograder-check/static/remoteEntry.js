// The container that JupyterLab loads: a webpack federation remote, without webpack.
// `init` is given the modules that JupyterLab shares, `get` hands out ours as a factory.
(() => {
  const here = document.currentScript.src;
  const load = file => import(new URL(file, here).href);
  let shared;

  const extension = async () => {
    const { modules } = await load('../../autograder-shared/modules.js');
    const { makePlugin } = await load('plugin.js');
    const plugin = makePlugin(await modules(shared));
    return () => ({ __esModule: true, default: plugin });
  };

  window._JUPYTERLAB = window._JUPYTERLAB ?? {};
  window._JUPYTERLAB['autograder-check'] = {
    init: scope => {
      shared = scope;
    },
    get: module => {
      if (module !== './extension') {
        return Promise.reject(new Error(`autograder-check has no ${module}`));
      }
      return extension();
    }
  };
})();
