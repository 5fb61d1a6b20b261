// What QuickJS evaluates: calls, strings, objects and arrays, about 30,000 calls of fib among them.
(function () {
  function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

  let text = '';
  for (let i = 0; i < 4000; i++) {
    text += String.fromCharCode(97 + i % 26);
    if (text.length > 512) text = text.slice(256);
  }

  const counts = {};
  const found = [];
  for (let i = 0; i < 2000; i++) {
    const key = text.substr(i % 200, 2);
    counts[key] = (counts[key] || 0) + 1;
    found.push({ key: key, at: i });
  }
  found.sort((a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : b.at - a.at);

  return fib(22) + text.length + Object.keys(counts).length + found[100].at;
})()
