export async function tail(url, key, onRecord, signal) {
  let last, retry = 1000;
  while (!signal.aborted) {
    try {
      const headers = { "x-functions-key": key, ...(last && { "Last-Event-ID": last }) };
      const response = await fetch(url, { headers, signal, cache: "no-store" });
      if (response.status === 400) throw new Error(await response.text());
      if (!response.ok) retry = 1000 * (response.headers.get("Retry-After") ?? 5);
      let text = "";
      const parts = response.ok ? response.body.pipeThrough(new TextDecoderStream()).getReader() : null;
      for (let part; parts && !(part = await parts.read()).done;) {
        text += part.value;
        for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) {
          let id, data;
          for (const line of text.slice(0, end).split("\n")) {
            if (line.startsWith("id: ")) id = line.slice(4);
            if (line.startsWith("data: ")) data = line.slice(6);
            if (line.startsWith("retry: ")) retry = +line.slice(7);
          }
          if (data) await onRecord(JSON.parse(data));
          last = id ?? last; // only after the record is handled: a crash repeats it
        }
      }
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // a broken connection is opened again
    }
    await new Promise(resolve => setTimeout(resolve, retry));
  }
}

// Without a caller, it prints the IDs of completed events: node tail.mjs
if (typeof process !== "undefined" && process.argv[1]?.endsWith("tail.mjs")) {
  const { signal } = new AbortController();
  await tail("http://localhost:7071/api/stream?status=completed", process.env.KEY ?? "", record => console.log(record.id), signal);
}
