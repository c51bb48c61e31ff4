// A mail server that keeps what it is handed: enough of SMTP for one that wants to hand something in.
import { createServer } from 'node:net';

/** Undoes quoted-printable and the folding of lines. */
function plain(text) {
  const bytes = text.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Starts it on a port of this machine. */
export async function startPostOffice(port) {
  const letters = [];
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => {}));
    const say = (line) => socket.write(`${line}\r\n`);
    let [rest, to, data] = ['', [], null];
    say('220 post office');
    socket.setEncoding('latin1').on('data', (chunk) => {
      rest += chunk;
      for (let end; (end = rest.indexOf('\r\n')) >= 0; ) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (data !== null) {
          if (line === '.') {
            letters.push({ to, text: plain(data) });
            [to, data] = [[], null];
            say('250 kept');
          } else data += `${line.replace(/^\.\./, '.')}\r\n`;
          continue;
        }
        const word = line.slice(0, 4).toUpperCase();
        if (word === 'EHLO') say('250 post office');
        else if (word === 'RCPT') say(`250 ${to.push(line.match(/<(.*)>/)[1])}`);
        else if (word === 'DATA') {
          data = '';
          say('354 go on');
        } else if (word === 'QUIT') {
          say('221 bye');
          socket.end();
        } else say('250 fine');
      }
    });
  });
  server.listen(port, '127.0.0.1');
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
  return {
    /** The newest link to that path in a letter to somebody, as soon as it is there. */
    async link(to, path) {
      for (const end = Date.now() + 15_000; Date.now() < end; ) {
        const found = letters
          .filter((letter) => letter.to.includes(to))
          .flatMap((letter) => letter.text.match(/https?:\/\/[^\s"'<>]+/g) ?? [])
          .map((link) => link.replaceAll('&amp;', '&'))
          .filter((link) => new URL(link).pathname.startsWith(path));
        if (found.length) return found.at(-1);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      throw new Error(`no letter to ${to} with a link to ${path}`);
    },
    stop: () => new Promise((resolve) => {
      server.close(resolve);
      for (const socket of sockets) socket.destroy();
    }),
  };
}
