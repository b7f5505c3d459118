// bench/parsing/peer_node.js - CPU of a JavaScript parser over the same feeds, from the same bytes:
// the median of ROUNDS rounds over all of them, after one that warms the compiler up.  A round is
// whole, because what its memory costs is paid now and then.
//
//     node peer_node.js feedsmith|rss-parser ROUNDS FILE...     prints seconds, and what it refused
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

async function round(parse, bodies) {
  let refused = 0;
  const from = process.cpuUsage();
  for (const body of bodies) {
    try {
      await parse(decoded(body));
    } catch {
      refused++; // it costs what it costs
    }
  }
  const took = process.cpuUsage(from);
  return { seconds: (took.user + took.system) / 1e6, refused };
}

async function main() {
  const parse = await parser();
  const bodies = files.map((file) => fs.readFileSync(file));
  const { refused } = await round(parse, bodies);
  const took = [];
  for (let i = 0; i < Number(rounds); i++) took.push((await round(parse, bodies)).seconds);
  took.sort((a, b) => a - b);
  console.log(took[took.length >> 1].toFixed(6), refused);
}

main();
