import type { InlineConfig } from 'vite'

/** How the pages are made. Nothing is written into `index.html` but links to files: the page's CSP allows nothing inline. */
export function viteConfig(folder: string): InlineConfig {
  return {
    root: folder,
    configFile: false,
    logLevel: 'warn',
    build: {
      outDir: 'dist',
      emptyOutDir: true,
      target: 'es2022',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  }
}
