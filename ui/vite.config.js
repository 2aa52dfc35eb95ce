import { defineConfig } from 'vite'

// One script and one style sheet with names that never change: internal/web embeds them, and writes them into files.
export default defineConfig({
  build: {
    outDir: process.env.OUT_DIR ?? '../internal/web/dist',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    rollupOptions: {
      input: 'src/main.tsx',
      output: { entryFileNames: 'app.js', assetFileNames: 'app[extname]', codeSplitting: false },
    },
  },
})
