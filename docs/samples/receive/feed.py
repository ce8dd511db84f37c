import json, os, urllib.parse, urllib.request

service = "http://localhost:7071"
last = open("last").read() if os.path.exists("last") else None

while True:
    query = {"timeout": "5000"} | ({"lastEventId": last} if last else {})
    with urllib.request.urlopen(f"{service}/api/feed?{urllib.parse.urlencode(query)}") as answer:
        events, last = json.load(answer), answer.headers["last-event-id"]
    for event in events:
        print("received", event["type"], event["id"], flush=True)
    with open("last", "w") as place:                 # after the work: a crash repeats it, and loses nothing
        place.write(last)
