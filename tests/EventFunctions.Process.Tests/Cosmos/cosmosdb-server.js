// Serves a Cosmos DB account on a free port of this machine, says where, and ends with whoever started it.
const { createHttpServer } = require("@vercel/cosmosdb-server");

const server = createHttpServer({ keepAlive: true });
server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
process.stdin.on("close", () => process.exit()).resume();
