import type { TestProject } from 'vitest/node';
import { pythonWithTorch } from '../../scripts/torch-python.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The Python that has torch, if any has. */
    readonly torchPython: string | null;
  }
}

/** Looks for torch once: to import it takes seconds. */
export default function findTorch(project: TestProject): void {
  project.provide('torchPython', pythonWithTorch() ?? null);
}
