import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const secret = Buffer.from(process.env.WEBHOOK_SECRET.replace("whsec_", ""), "base64");
const handled = new Set();                           // use a database table in production

function isGenuine(headers, body) {
  const signed = Buffer.concat([Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.`), body]);
  const wanted = Buffer.from("v1," + createHmac("sha256", secret).update(signed).digest("base64"));
  return Math.abs(Date.now() / 1000 - headers["webhook-timestamp"]) < 300 && (headers["webhook-signature"] ?? "").split(" ").some(
    signature => signature.length === wanted.length && timingSafeEqual(Buffer.from(signature, "latin1"), wanted));
}

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  if (!isGenuine(request.headers, body)) return response.writeHead(401).end();
  response.writeHead(204).end();                     // respond first; do long work behind a queue
  if (handled.has(request.headers["webhook-id"])) return;
  handled.add(request.headers["webhook-id"]);
  const event = JSON.parse(body);
  console.log("received", event.type, event.id);
});
server.listen(process.env.PORT ?? 8080, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
