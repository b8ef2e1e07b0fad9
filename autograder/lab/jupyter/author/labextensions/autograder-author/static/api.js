// What the server extension offers (autograder/lab/author_server.py).
import { Server } from '../../autograder-shared/server.js';

export class Api extends Server {
  constructor(connection) {
    super(connection, 'The server of JupyterLab cannot do that');
  }

  contract(path) {
    return this.get(`author/contract?path=${encodeURIComponent(path)}`);
  }

  release(path) {
    return this.get(`author/release?path=${encodeURIComponent(path)}`);
  }

  addExercise(path, exercise) {
    return this.post('author/exercise', { path, ...exercise });
  }

  prove(path) {
    return this.post('author/prove', { path });
  }

  cancel() {
    return this.delete('author/prove');
  }

  state(seen) {
    return this.get(`author/prove?seen=${seen}`);
  }
}
