// The container that JupyterLab loads: a webpack federation remote, without webpack.
// `init` is given the modules that JupyterLab shares, `get` hands out ours as a factory.
(() => {
  const here = document.currentScript.src;
  let shared;

  // JupyterLab has one version of each of its own modules.
  const load = async name => {
    const versions = Object.values(shared[name]);
    const chosen = versions.find(version => version.loaded) ?? versions[0];
    return (await chosen.get())();
  };

  const extension = async () => {
    const { makePlugin } = await import(new URL('plugin.js', here).href);
    const names = {
      application: '@jupyterlab/application',
      apputils: '@jupyterlab/apputils',
      mainmenu: '@jupyterlab/mainmenu',
      notebook: '@jupyterlab/notebook',
      services: '@jupyterlab/services',
      ui: '@jupyterlab/ui-components',
      widgets: '@lumino/widgets'
    };
    const loaded = await Promise.all(
      Object.entries(names).map(async ([key, name]) => [key, await load(name)])
    );
    const plugin = makePlugin(Object.fromEntries(loaded));
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
