import { runCli } from './cli/run-cli.ts';

/** The start: hands the arguments to the command line. */
export async function main(argv: readonly string[]): Promise<void> {
  process.exitCode = await runCli(argv);
}
