// Verifies messages with the library that the specification's authors keep: an array of messages in, one of results out.
const { Webhook } = require("standardwebhooks");
const fs = require("fs");
const messages = JSON.parse(fs.readFileSync(0, "utf8"));
console.log(JSON.stringify(messages.map(({ secret, headers, body }) => {
  try {
    return "verified " + JSON.stringify(new Webhook(secret).verify(Buffer.from(body, "base64"), headers));
  } catch (e) {
    return e.message;
  }
})));
