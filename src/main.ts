import { runCli } from './cli/run-cli.ts';

/** The start: hands the arguments and the environment to the command line. */
export async function main(argv: readonly string[]): Promise<void> {
  process.exitCode = await runCli(argv, process.env);
}
