#!/usr/bin/env node
// Plain JavaScript of any age: it must run where Otaru cannot, to say so.
var version = process.versions.node.split('.');
if (Number(version[0]) < 24 || (Number(version[0]) === 24 && Number(version[1]) < 7)) {
  console.error(
    'Otaru needs Node.js 24.7 or later and this is ' +
      process.versions.node +
      '; install a newer one from https://nodejs.org (in a clone, npm run otaru brings its own).',
  );
  process.exit(1);
}
import('../dist/main.js').catch(function (error) {
  if (error && error.code === 'ERR_MODULE_NOT_FOUND') {
    console.error('Otaru is not built yet; run "npm run build" first. (' + error.message + ')');
  } else {
    console.error(error);
  }
  process.exit(1);
});
