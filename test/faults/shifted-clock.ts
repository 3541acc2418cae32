import { readFileSync } from 'node:fs';

/**
 * Loaded before the program (`node --import`), in each of its processes: the machine's clock with so many milliseconds
 * added as the file named in FAULTS_CLOCK says at this moment. Legal and real time both read it, as they read a clock
 * that NTP or a person has set; whoever writes the file makes it jump.
 */
const file = process.env.FAULTS_CLOCK ?? '';
const machine = Date.now.bind(Date);
let shift = 0;

function read(): void {
  // An empty file is one that is being written.
  const text = readFileSync(file, 'utf8');
  if (text !== '') shift = Number(text);
}

read();
setInterval(read, 25).unref();
Date.now = () => machine() + shift;
