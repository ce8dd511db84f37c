// Serves blobs on a free port of this machine, all in memory, says where, and ends with whoever started it.
process.argv.push("--blobHost", "127.0.0.1", "--blobPort", "0", "--inMemoryPersistence", "--skipApiVersionCheck", "--silent", "--disableTelemetry");
const say = console.log;
console.log = (line) => {
  const address = /successfully listens on (http:\S+)/.exec(line);
  if (address) say(address[1]);
};
process.stdin.on("close", () => process.exit()).resume();
require("azurite/dist/src/blob/main");
