import type { ApiWorld } from './api-world.ts';

export interface Operation {
  /** `GET /debts/{debtId}` */
  readonly name: string;
  readonly responses: Readonly<Record<string, { content?: Record<string, { schema?: object }> }>>;
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
  readonly operationId: string;
}

/** The endpoints as the document tells them. */
export async function operationsOf(api: ApiWorld): Promise<Operation[]> {
  const doc = (await api.get('/api/openapi.json')).body as {
    paths: Record<string, Record<string, Omit<Operation, 'name'>>>;
  };
  return Object.entries(doc.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      ...operation,
      parameters: operation.parameters ?? [],
      name: `${method.toUpperCase()} ${path.replace('/api/v1', '')}`,
    })),
  );
}
