import { startControl } from './control.ts';
import { startSandbox } from './sandbox.ts';

// Italy in a box, its own process. It prints one line and serves until its parent goes away.
const sandbox = await startSandbox();
const control = await startControl(sandbox);

let ending = false;
function end(): void {
  if (ending) return;
  ending = true;
  // Nothing here is worth saving: whatever hangs must not keep the process.
  setTimeout(() => process.exit(0), 500).unref();
  void Promise.allSettled([control.close(), sandbox.close()]).then(() => process.exit(0));
}

process.on('SIGTERM', end);
process.on('SIGINT', end);
// The parent holds the other end of stdin: when it dies, however it dies, this ends.
process.stdin.on('end', end);
process.stdin.on('close', end);
process.stdin.on('error', end);
process.stdin.resume();

const { smtp, smsc, mail } = sandbox.ports;
const { issuer, clientId, clientSecret } = sandbox.idp;
const { checkout, fdr } = sandbox.pagopa;
const ready = { ready: true, smtp, smsc, control: control.port, mail, issuer, clientId, clientSecret, checkout, fdr };
process.stdout.write(`${JSON.stringify(ready)}\n`);
