/**
 * What is wrong with a whole message, from a validator that throws; nothing, where there is none: the official schemas
 * are no part of the project.
 */
export function problemsBy(validate: ((message: string) => void) | null): (message: string) => string[] {
  return (message) => {
    try {
      validate?.(message);
      return [];
    } catch (error) {
      return [error instanceof Error ? error.message : 'not valid'];
    }
  };
}
