using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventFunctions.CloudEvents;
using EventFunctions.Intake.Feeds;
using EventFunctions.Intake.Messages;
using EventFunctions.Producers;
using EventFunctions.Producers.Definitions;
using EventFunctions.Schemas;
using EventFunctions.Webhooks;
using static EventFunctions.Fuzzing.FuzzTarget;

namespace EventFunctions.Fuzzing.Targets;

/// <summary>Readers of messages, their signatures, and feeds.</summary>
internal static class MessageTargets
{
    private const string Definition = """
        {"messages":{"id":{"template":"{header:x-id}:{/Type}"},"type":{"pointer":"/Type","prefix":"p."},"subject":{"header":"X-Policy","unsigned":true},"time":{"pointer":"/Time","format":"milliseconds"},"extensions":{"channel":{"constant":"web"}},"data":"/d","each":"/events","remove":["/Key","/d/0"]},"verification":{"kind":"token","header":"x-token","secrets":["S"]}}
        """;

    private const string Atom = """
        <feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://p.example/"><link rel="next" href="?page=2"/><entry><title type="html">A &amp; B</title><link href="http://e.example/1"/><id>urn:uuid:1</id><updated>2005-07-31T12:29:29.5+02:00</updated><published>2003-12-13T08:29:29-04:00</published><summary><![CDATA[x]]></summary></entry></feed>
        """;

    private const string Rss = """
        <?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><item><title>Star City</title><link>/a</link><description>Text &lt;b&gt;</description><pubDate>Tue, 03 Jun 2003 09:39:21 GMT</pubDate><guid isPermaLink="false">g</guid></item></channel></rss>
        """;

    private const int ForSeveralReadings = 150;

    private const string Ed25519Key = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

    private const string EcdsaKey = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==";

    private static readonly ProducerReader Reader = new(new JsonSchemas());
    private static readonly MessageVerifier Verifier = new(new OneSecret(), TimeProvider.System);
    private static readonly ChallengeResponder Challenges = new(new OneSecret());
    private static readonly ImmutableArray<Producer> Senders = [.. MessagePreset.All.Select(preset => Create(preset.Name))];
    private static readonly ImmutableArray<WebhookSecret> Secrets = [WebhookSecret.TryParse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", out var secret) ? secret : throw new InvalidOperationException()];

    public static IEnumerable<FuzzTarget> All { get; } =
    [
        new("messages", ReadMessage, [.. Senders.Select((sender, index) => $"{(char)('!' + index)}{Sample(sender.Name)}"), "!MessageStatus=delivered&MessageSid=SM1&To=%2B1", "#[{\"eventId\":1}]"]),
        new("mappings", ReadMapping, Definition + Then + """{"events":[{"Type":"a","Time":1700000000000,"d":[1,{"x":2}],"Key":"k"}]}"""),
        new("signatures", ReadSignature, [.. Senders.Select((_, index) => $"{(char)('!' + index)}t=1700000000,v1=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39{Then}{{\"id\":\"1\"}}"), "!sha256=zz" + Then, "\"v1,AAAA v1a,====" + Then + "[]"]),
        new("webhook-signatures", ReadWebhookSignature, "msg_1 1614265330" + Then + "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1,x v2,y"),
        new("feeds", ReadFeed, "[{\"id\":\"1\"},{\"id\":2}]", "{\"x\":1,\"items\":[{\"id\":\"1\",\"source\":\"/a\"}]}", "[]", "{\"\\ud800\":1,\"items\":[{\"\\ud800\":\"1\"}]}") { AllocationPerByte = ForSeveralReadings },
        new("atom", input => ReadSyndication(input, FeedFormat.Atom), Atom, "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title/></entry></feed>") { RefusedBy = [typeof(FeedPageException)], AllocationPerByte = ForSeveralReadings },
        new("rss", input => ReadSyndication(input, FeedFormat.Rss), Rss, "<rss><channel><item/></channel></rss>") { RefusedBy = [typeof(FeedPageException)], AllocationPerByte = ForSeveralReadings },
    ];

    // What a preset leaves open is a secret, and perhaps the URL or a public key.
    private static Producer Create(string preset) =>
        new[] { "\"secrets\":[\"S\"],\"challengeSecrets\":[\"S\"]", "\"secrets\":[\"S\"],\"url\":\"https://e.example/x\"", "\"secrets\":[\"S\"]", $"\"publicKeys\":[\"{Ed25519Key}\"]", $"\"publicKeys\":[\"{EcdsaKey}\"]" }
            .Select(open => Reader.Read(Encoding.UTF8.GetBytes($$$"""{"source":"/a","preset":"{{{preset}}}","verification":{{{{open}}}}}"""), preset, out _))
            .OfType<Producer>().FirstOrDefault() ?? throw new InvalidOperationException($"The preset {preset} needs something else.");

    // An object that has a value wherever the preset looks.
    private static string Sample(string preset)
    {
        var whole = new JsonObject();
        foreach (var pointer in Texts(MessagePreset.Find(preset)!.Messages).Where(text => text.StartsWith('/')))
        {
            JsonObject? owner = whole;
            var names = pointer[1..].Split('/');
            foreach (var name in names[..^1])
            {
                owner = owner is null ? null : owner[name] as JsonObject ?? (owner[name] is null ? (JsonObject)(owner[name] = new JsonObject()) : null);
            }

            if (owner is not null && owner[names[^1]] is null)
            {
                owner[names[^1]] = "1700000000";
            }
        }

        return whole.ToJsonString();
    }

    private static IEnumerable<string> Texts(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(member => Texts(member.Value)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(Texts),
        JsonValueKind.String => [json.GetString()!],
        _ => [],
    };

    private static Producer SenderOf(byte[] input) => Senders[(input.Length == 0 ? 0 : Math.Max(0, input[0] - '!')) % Senders.Length];

    private static MessageEnvelope Envelope(byte[] body, string? header) =>
        new("POST", body.AsSpan().IndexOf("="u8) > 0 && !body.AsSpan().Contains((byte)'{') ? MessageEnvelope.Form : "application/json", _ => header is null ? [] : [header], body);

    private static IEnumerable<string> ReadMessage(byte[] input)
    {
        var sender = SenderOf(input);
        var message = Envelope(input.Length == 0 ? input : input[1..], "h");
        return Details(MessageReader.Read(sender.Source, sender.Messages!, message, sender.Verification?.Signature)).Append(sender.Name);
    }

    private static IEnumerable<string> ReadMapping(byte[] input)
    {
        var (definition, body) = Split(input);
        return Reader.Read([.. "{\"source\":\"/a\","u8, .. definition.AsSpan(Math.Min(1, definition.Length))], "p", out var errors) is { Messages: { } mapping } producer
            ? Details(MessageReader.Read(producer.Source, mapping, Envelope(body, "1"), producer.Verification?.Signature))
            : errors.Select(error => error.Detail);
    }

    private static IEnumerable<string> Details(MessageReading reading) =>
        reading.Errors.Select(error => error.Detail).Concat(reading.Events.Select(read => read.Omitted ?? "whole"));

    private static IEnumerable<string> ReadSignature(byte[] input)
    {
        var sender = SenderOf(input);
        var (header, body) = Split(input);
        var message = Envelope(body, Text(header[Math.Min(1, header.Length)..]));
        var refusal = Verifier.Refusal(sender, message, caller: null);
        BrokenPromiseException.ThrowUnless(refusal is not null, "A message without a valid signature is refused.");
        Challenges.ToMessage(sender, message);
        if (sender.Verification!.Challenge is { } challenge)
        {
            Challenges.ToQuery(challenge, isGet: true, message.Headers);
        }

        return [refusal!, sender.Name];
    }

    private static IEnumerable<string> ReadWebhookSignature(byte[] input)
    {
        var (head, signatures) = Split(input);
        var parts = Text(head).Split(' ', 2);
        var verdict = StandardWebhookSignature.Verify(Secrets, parts[0], parts.ElementAtOrDefault(1), Text(signatures), "body"u8, DateTimeOffset.FromUnixTimeSeconds(1_614_265_330));
        BrokenPromiseException.ThrowUnless(verdict != SignatureVerdict.Valid, "A message without a valid signature is refused.");
        return [verdict.ToString()];
    }

    private static List<string> ReadFeed(byte[] input)
    {
        var feed = new ProducerFeed { Url = new Uri("https://p.example/f"), Schedule = "0 * * * * *", NumericIds = true };
        var answer = new FeedResponse(input, "application/json", null);
        var said = new List<string>();
        foreach (var one in new[] { feed, feed with { Items = "items" } })
        {
            try
            {
                var page = FeedPage.Read(answer, one);
                foreach (var item in page.Behind("1").Items)
                {
                    said.AddRange(EventReader.ReadJson(ContentMode.Plain, item.Json.Span).Errors.Select(error => error.Detail));
                }
            }
            catch (FeedPageException e)
            {
                said.Add(e.Message);
            }
        }

        return said;
    }

    // Whatever an entry has, it is a valid event.
    private static IEnumerable<string> ReadSyndication(byte[] input, FeedFormat format)
    {
        var url = new Uri("https://p.example/f");
        var producer = new Producer { Name = "news", Source = "/news", Feed = new ProducerFeed { Url = url, Schedule = "", Format = format, Type = "article.published" } };
        foreach (var item in SyndicationPage.Read(input, url, producer).Items)
        {
            var reading = EventReader.ReadJson(ContentMode.Structured, item.Json.Span);
            BrokenPromiseException.ThrowUnless(reading.Errors.Count == 0, "An entry is a valid event.");
            using var data = JsonDocument.Parse(reading.Events[0].Data!.Bytes);
            yield return $"{reading.Events[0].Subject is null} {string.Join(' ', data.RootElement.EnumerateObject().Select(member => member.Name))}";
        }
    }

    private sealed class OneSecret : IProducerSecrets
    {
        public string? Find(string name) => "0123456789abcdef0123456789abcdef";
    }
}
