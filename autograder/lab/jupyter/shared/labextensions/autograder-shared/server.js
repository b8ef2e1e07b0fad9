// Requests to our server extensions, below autograder/, with Jupyter's token and XSRF.
export class Server {
  // failed: what is said of an answer without a message
  constructor(connection, failed) {
    this.connection = connection;
    this.settings = connection.makeSettings();
    this.failed = failed;
  }

  get(where) {
    return this.request(where, { method: 'GET' });
  }

  post(where, body) {
    return this.request(where, { method: 'POST', body: JSON.stringify(body) });
  }

  delete(where) {
    return this.request(where, { method: 'DELETE' });
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
      const sentence = said.message || `${this.failed} (${response.status}).`;
      throw Object.assign(new Error(sentence), { status: response.status });
    }
    return said;
  }
}
