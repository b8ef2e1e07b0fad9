// What the server extension offers (autograder/lab_server.py), with Jupyter's token and XSRF.
export class Api {
  constructor(connection) {
    this.connection = connection;
    this.settings = connection.makeSettings();
  }

  check(path) {
    return this.request('check', { method: 'POST', body: JSON.stringify({ path }) });
  }

  cancel() {
    return this.request('check', { method: 'DELETE' });
  }

  state(seen) {
    return this.request(`check?seen=${seen}`, { method: 'GET' });
  }

  submit(path) {
    return this.request('submit', { method: 'POST', body: JSON.stringify({ path }) });
  }

  chapters() {
    return this.request('chapters', { method: 'GET' });
  }

  async request(where, init) {
    const url = `${this.settings.baseUrl}autograder/${where}`;
    let response;
    try {
      response = await this.connection.makeRequest(url, init, this.settings);
    } catch {
      throw new Error('JupyterLab does not answer: was it closed in the terminal?');
    }
    let said = {};
    try {
      said = await response.json();
    } catch {
      // what is no JSON has no message
    }
    if (!response.ok) {
      const sentence = said.message || `The check cannot be run (${response.status}).`;
      throw Object.assign(new Error(sentence), { status: response.status });
    }
    return said;
  }
}
