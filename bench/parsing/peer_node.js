// bench/parsing/peer_node.js - CPU of a JavaScript parser over the same feeds, decoded before the
// clock starts: the best of ROUNDS rounds over all of them, because what its memory costs is paid
// now and then.
//
//     node peer_node.js feedsmith|rss-parser ROUNDS FILE...     prints seconds
'use strict';
const fs = require('fs');
const path = require('path');

const modules = process.env.PEER_MODULES;
const [, , name, rounds, ...files] = process.argv;

function decoded(bytes) {
  const said = /^[^>]{0,200}encoding=["']([\w-]+)/.exec(bytes.latin1Slice(0, 256));
  try {
    return new TextDecoder(said ? said[1] : 'utf-8').decode(bytes);
  } catch {
    return bytes.toString('utf8');
  }
}

async function parser() {
  if (name === 'feedsmith') {
    const { parseFeed } = require(path.join(modules, 'feedsmith'));
    return async (text) => parseFeed(text);
  }
  const RssParser = require(path.join(modules, 'rss-parser'));
  const one = new RssParser();
  return (text) => one.parseString(text);
}

async function round(parse, texts) {
  const from = process.cpuUsage();
  for (const text of texts) {
    try {
      await parse(text);
    } catch { /* a document that it refuses costs what it costs */ }
  }
  const took = process.cpuUsage(from);
  return (took.user + took.system) / 1e6;
}

async function main() {
  const parse = await parser();
  const texts = files.map((file) => decoded(fs.readFileSync(file)));
  await round(parse, texts); // the compiler warms up
  let best = Infinity;
  for (let i = 0; i < Number(rounds); i++) best = Math.min(best, await round(parse, texts));
  console.log(best.toFixed(6));
}

main();
