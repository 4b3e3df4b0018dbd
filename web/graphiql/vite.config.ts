import { defineConfig } from 'vite';

export default defineConfig({
  // Relative, so that it works behind a proxy under any path: the page is at /graphql and /graphiql, its files below the latter.
  base: './',
  build: {
    outDir: '../../invito/built/graphiql',
    emptyOutDir: true,
    assetsDir: 'graphiql',
    // They go with the wheel.
    license: { fileName: 'licenses.md' },
    // As files, since the page's Content-Security-Policy lets it load nothing but those of this service.
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 5_000,
    target: 'es2022',
    // Browsers load what a chunk needs by themselves; what would tell them earlier is a script of its own.
    modulePreload: false,
  },
  worker: { format: 'es' },
});
