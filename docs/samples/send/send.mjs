const service = "http://localhost:7071";
const event = { specversion: "1.0", id: "renewal-js", source: "/insurance/policies", type: "policy.renewed", subject: "policy-42" };

const response = await fetch(`${service}/api/events`, {
  method: "POST",
  headers: { "content-type": "application/cloudevents+json" },
  body: JSON.stringify(event),
});
console.log(response.status, await response.text());
if (!response.ok) process.exit(1);

// The response names the event's record. Read it until the event is done.
const record = new URL(response.headers.get("location"), service);
let status;
do {
  await new Promise(resolve => setTimeout(resolve, 200));
  ({ status } = await (await fetch(record)).json());
} while (status === "recorded" || status === "enriching");
console.log(status);
