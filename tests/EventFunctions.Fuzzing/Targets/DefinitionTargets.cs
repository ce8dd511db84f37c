using EventFunctions.Administration;
using EventFunctions.CloudEvents;
using EventFunctions.Definitions;
using EventFunctions.Intake.Messages;
using EventFunctions.Producers;
using EventFunctions.Producers.Definitions;
using EventFunctions.Schemas;
using EventFunctions.Webhooks;
using static EventFunctions.Fuzzing.FuzzTarget;

namespace EventFunctions.Fuzzing.Targets;

/// <summary>Readers of what administrators define.</summary>
internal static class DefinitionTargets
{
    private const string Producer = """
        {"name":"p","source":"/a","data":{"baseUrl":"https://p.example.com/api/","template":"policies/{subject}?event={id}","auth":{"kind":"header","header":"x-api-key","secret":"KEY"},"timeout":"00:00:07","maxBytes":1400000},"types":{"t":{"entity":["/policy/number","/a~1b/~0"],"schema":{"type":"object","properties":{"amount":{"maximum":1.10}}},"dataSchema":true,"publish":[{"operatorType":"NumberInRange","key":"data.amount","values":[[1,2.50]]}],"enrich":[{"operatorType":"IsNotNull","key":"dataref"}],"changes":true,"expectEvery":"1.01:00:00"}},"entities":true,"feed":{"url":"events?x=1","schedule":"0 */5 * * * *","items":"items","numericIds":true},"quota":{"eventsPerMinute":600},"retention":{"recordDays":30,"dataDays":7},"callers":["3f2504e0-4f89-41d3-9a0c-0305e82c3301"]}
        """;

    private const string Messages = """
        {"name":"p","source":"/a","messages":{"id":{"template":"{header:webhook-id}:{/Event_Type}"},"type":{"pointer":"/Event_Type","prefix":"policy."},"subject":{"header":"X-Policy","unsigned":true},"time":{"pointer":"/Event_Time","format":"milliseconds"},"extensions":{"channel":{"constant":"web"}},"data":"/d","each":"/events","form":"payload","acceptedStatus":200,"remove":["/Api_Key"]},"verification":{"kind":"hmac","header":"webhook-signature","prefix":"v1,","encoding":"base64","separator":" ","signedContent":"{url}{header:webhook-id}.{timestamp}.{body}","timestamp":{"header":"webhook-timestamp","format":"rfc3339"},"tolerance":"00:10:00","url":"https://e/x","secretEncoding":"base64","secrets":["NEW","OLD"],"challenge":{"query":"hub.challenge","method":"GET","tokenQuery":"hub.verify_token"},"challengeSecrets":["TOKEN"]}}
        """;

    private const string Webhook = """
        {"url":"https://crm.example.com/events","filter":[{"operatorType":"StringIn","key":"type","values":["a","b"]}],"headers":{"x-a":"b"},"auth":{"kind":"header","header":"x-api-key","secret":"KEY"},"timeout":"00:00:10","description":"d"}
        """;

    private const int ForSeveralReadings = 150;

    // As long as definitions may have them.
    private const int MaxTemplate = 256;

    private static readonly ISchemaCompiler Schemas = new JsonSchemas();
    private static readonly ProducerReader ProducerReader = new(Schemas);
    private static readonly WebhookReader WebhookReader = new(new NoAddressRules(), Schemas);
    private static readonly ProducerKeyReader KeyReader = new(Schemas, TimeProvider.System);

    public static IEnumerable<FuzzTarget> All { get; } =
    [
        new("producers", ReadProducer, [Producer, Messages, .. Presets()]),
        new("webhooks", input => Details(WebhookReader.Read(input, "w", out var errors), errors), Webhook),
        new("webhook-rotations", input => Details(WebhookReader.ReadRotation(input, out var errors), errors), """{"overlap":"24:00:00","secret":"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}""", ""),
        new("producer-keys", ReadKeys, """{"label":"nightly job","expiresAt":"2099-01-31T08:30:00Z"}""", """{"overlap":"24:00:00"}""", ""),
        new("templates", input => [string.Concat(TextTemplate.Parse(Text(input[..Math.Min(input.Length, MaxTemplate)])).Placeholders)], "{header:a}.{timestamp}.{/x/y}{body", "{}{{}}"),
        new("pointers", ReadPointer, "/a/0/~1~0" + Then + """{"a":[{"/~":1}]}""", "/a~1b" + Then + """{"a/b":null}""", "" + Then + "1"),
        new("public-keys", ReadPublicKey,
            "302a300506032b6570032100d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
            "MFkwEwYHKoZIzj0CAQYIKoZMzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==",
            "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==\n-----END PUBLIC KEY-----") { AllocationPerByte = ForSeveralReadings },
        new("international-urls", input => [$"{InternationalUrl.ToAscii(Text(input), out var error) is not null} {error}"], "https://bücher.example/a", "https://xn--bcher-kva.example"),
        new("data-locations", ReadLocation, "policies/1?x#y", "https://p.example.com/api/a", "//p.example.com/api/", "..", "a/%2e%2e/%2E%2e/b", "//ڢ1"),
    ];

    private static IEnumerable<string> Presets() => MessagePreset.All.Select(preset =>
        $$$"""{"name":"p","source":"/a","messages":{{{preset.Messages.GetRawText()}}},"verification":{{{preset.Verification.GetRawText()[..^1]}}},"secrets":["S"]}}""");

    private static IEnumerable<string> ReadProducer(byte[] input)
    {
        var producer = ProducerReader.Read(input, "p", out var errors);
        BrokenPromiseException.ThrowUnless((producer is null) == (errors.Count > 0), "There is a producer if and only if there are no errors.");
        if (producer is not null)
        {
            ProducerReader.ReadStored(input, "p", out var stored);
            BrokenPromiseException.ThrowUnless(stored.Count == 0, "An accepted definition can be read when it is stored.");
        }

        return Details(producer, errors);
    }

    private static IEnumerable<string> ReadKeys(byte[] input)
    {
        KeyReader.Read(input, out var errors);
        KeyReader.ReadOverlap(input, out var overlapErrors);
        return errors.Concat(overlapErrors).Select(error => error.Detail);
    }

    private static IEnumerable<string> ReadPointer(byte[] input)
    {
        var (pointer, json) = Split(input);
        var text = Text(pointer);
        var wrong = DefinitionPointer.CheckPart(text);
        try
        {
            // Messages are read strictly before pointers look into them.
            var strict = JsonContent.Read(json, new JsonPath(), new ErrorList());
            var found = strict is null ? null : new MessagePointer(text).Find(MessageElements.Parse(strict.Bytes));
            return [$"{wrong} {found?.ValueKind}"];
        }
        catch (FormatException)
        {
            BrokenPromiseException.ThrowUnless(wrong is not null, "A checked pointer can be read.");
            return ["none"];
        }
        catch (System.Text.Json.JsonException)
        {
            return ["not JSON"];
        }
    }

    private static List<string> ReadPublicKey(byte[] input) =>
        [.. new[] { SignatureAlgorithm.RsaSha256, SignatureAlgorithm.EcdsaSha256, SignatureAlgorithm.Ed25519 }.Select(algorithm => PublicKeyText.Check(Text(input), algorithm) ?? "a key")];

    private static IEnumerable<string> ReadLocation(byte[] input)
    {
        var baseUrl = new Uri("https://p.example.com/api/");
        try
        {
            var url = DataLocation.Resolve(baseUrl, baseUrl, Text(input));
            BrokenPromiseException.ThrowUnless(url.AbsoluteUri.StartsWith(baseUrl.AbsoluteUri, StringComparison.Ordinal) && url.Host == baseUrl.Host, "Full data lies under the base URL.");
            return ["found"];
        }
        catch (FetchException e)
        {
            return [e.Message[..10]];
        }
    }

    private static IEnumerable<string> Details(object? read, IReadOnlyList<EventError> errors) => errors.Select(error => error.Detail).Append($"{read is null}");

    private sealed class NoAddressRules : IWebhookAddresses
    {
        public string? Refusal(Uri url) => url.Scheme == Uri.UriSchemeHttps ? null : "Must be https.";
    }
}
