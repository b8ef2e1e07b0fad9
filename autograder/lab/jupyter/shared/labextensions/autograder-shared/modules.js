// JupyterLab's own modules, by the names that our plugins give them.
const NAMES = {
  application: '@jupyterlab/application',
  apputils: '@jupyterlab/apputils',
  mainmenu: '@jupyterlab/mainmenu',
  notebook: '@jupyterlab/notebook',
  services: '@jupyterlab/services',
  ui: '@jupyterlab/ui-components',
  widgets: '@lumino/widgets'
};

// shared: what webpack's federation hands to a container's `init`
export async function modules(shared) {
  // JupyterLab has one version of each of its own modules.
  const load = async name => {
    const versions = Object.values(shared[name]);
    const chosen = versions.find(version => version.loaded) ?? versions[0];
    return (await chosen.get())();
  };
  const loaded = await Promise.all(
    Object.entries(NAMES).map(async ([key, name]) => [key, await load(name)])
  );
  return Object.fromEntries(loaded);
}
