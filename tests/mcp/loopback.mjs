// Loaded before a program of others that listens: on a free port of this machine alone, which is said on standard error.
import net from 'node:net';

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (_port, ...rest) {
  const done = rest.findLast((argument) => typeof argument === 'function');
  return listen.call(this, 0, '127.0.0.1', () => {
    console.error(`at 127.0.0.1:${this.address().port}`);
    done?.();
  });
};
