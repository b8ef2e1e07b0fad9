// What the server extension offers (autograder/lab/server.py).
import { Server } from '../../autograder-shared/server.js';

export class Api extends Server {
  constructor(connection) {
    super(connection, 'The check cannot be run');
  }

  check(path) {
    return this.post('check', { path });
  }

  cancel() {
    return this.delete('check');
  }

  state(seen) {
    return this.get(`check?seen=${seen}`);
  }

  submit(path) {
    return this.post('submit', { path });
  }

  chapters() {
    return this.get('chapters');
  }
}
