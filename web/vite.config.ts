import { defineConfig } from 'vite';

/** Where `npm run console` finds a server. */
const server = 'http://127.0.0.1:8080';

export default defineConfig({
  root: import.meta.dirname,
  // every address is relative, so that the console works behind any path prefix
  base: './',
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    target: 'es2023',
    // inlined files would be data: addresses, which the Content-Security-Policy allows for images only
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      // libraries mark what runs in browsers only, which everything here does
      onwarn: (warning, warn) => (warning.code === 'MODULE_LEVEL_DIRECTIVE' ? undefined : warn(warning)),
    },
  },
  server: {
    proxy: {
      '^/(session|password|api/)': {
        target: server,
        rewrite: (path) => `/console${path}`,
        cookiePathRewrite: '/',
      },
    },
  },
});
