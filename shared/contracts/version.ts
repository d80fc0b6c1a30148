declare const __CKPT_RUN_VERSION__: string | undefined;

/** The package's version; the build puts it here, and only un-bundled test runs go without. */
export const VERSION: string = typeof __CKPT_RUN_VERSION__ === 'undefined' ? '0.0.0-unbundled' : __CKPT_RUN_VERSION__;
