using System.Globalization;
using System.Text;
using EventFunctions.Intake.Messages;
using EventFunctions.Producers;
using EventFunctions.Producers.Definitions;
using EventFunctions.Schemas;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace EventFunctions.Tests.Messages;

/// <summary>Signatures that senders have published, and those of standards and of OpenSSL, are verified.</summary>
public sealed class PublishedSignatureTests
{
    private const string RsaKey =
        "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA1SnIrFFcK5fhRXSfps5nUr1OzPbbpKS41Kp+yY90jk3Z8aWkTdUhNFqDSvta1dd4+aRZ5EC869xcCgOGUVDehXJjMPfV0388RxSBIPE6MWZTPAGbP2MA2jBcg3ZdNy3JxnqkmCcJ3Rg06Ar1jDP1kK0YKL8Horpvl18VU6Txzm41+oyoyfYP+CWbOxQyyC7wa/87QAXb5BMUM0QaEkdwYFj0meArFavftZB1BWJZFb3uPxhYvJw+roRP5iqYEvr5f20aM0QQfqH7g49/EbQ5oAxPOoOwA370op1cJj6JKjzkZZBSGsw9blWWvyjeQoVN5QGeYpqu12fOoG0R9oN7/wIDAQAB";

    private readonly IProducerSecrets _secrets = Substitute.For<IProducerSecrets>();

    private static MessageEnvelope Message(string body, string? type, params (string Name, string Value)[] headers) => new(
        "POST",
        type,
        name => [.. headers.Where(header => string.Equals(header.Name, name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value)],
        Encoding.UTF8.GetBytes(body));

    private static Producer Producer(string definition)
    {
        var producer = new ProducerReader(Substitute.For<ISchemaCompiler>()).Read(Encoding.UTF8.GetBytes($$"""{ "source": "/s", {{definition}} }"""), "p", out var errors);
        Assert.Empty(errors);
        return producer!;
    }

    private string? Refusal(Producer producer, MessageEnvelope message, long now = 1_700_000_000) =>
        new MessageVerifier(_secrets, new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(now))).Refusal(producer, message, null);

    // https://docs.slack.dev/authentication/verifying-requests-from-slack
    [Fact]
    public void Slacks_example_is_verified()
    {
        _secrets.Find("S").Returns("8f742231b10e8888abcd99yyyzzz85a5");
        const string body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
        var slack = Producer(""" "preset": "slack", "verification": { "secrets": ["S"] } """);

        Assert.Null(Refusal(slack, Signed("v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"), 1_531_420_618));
        Assert.NotNull(Refusal(slack, Signed("v0=b2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"), 1_531_420_618));

        static MessageEnvelope Signed(string signature) =>
            Message(body, MessageEnvelope.Form, ("X-Slack-Signature", signature), ("X-Slack-Request-Timestamp", "1531420618"));
    }

    // https://github.com/sendgrid/sendgrid-python/blob/main/test/unit/test_eventwebhook.py
    [Fact]
    public void SendGrids_example_is_verified()
    {
        var sendgrid = Producer(""" "preset": "sendgrid", "verification": { "publicKeys": ["MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="] } """);
        const string body = """[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]""" + "\r\n";

        Assert.Null(Refusal(sendgrid, Signed(body, "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="), 1_600_112_502));
        Assert.NotNull(Refusal(sendgrid, Signed(body.TrimEnd(), "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="), 1_600_112_502));
        Assert.NotNull(Refusal(sendgrid, Signed(body, "MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSzoQsbVRamr2nlxFDWYNH3j/0="), 1_600_112_502));

        static MessageEnvelope Signed(string body, string signature) => Message(
            body, "application/json", ("X-Twilio-Email-Event-Webhook-Signature", signature), ("X-Twilio-Email-Event-Webhook-Timestamp", "1600112502"));
    }

    // https://github.com/Adyen/adyen-python-api-library/tree/main/test/mocks/util
    [Theory]
    [InlineData("T7FD4VM4D3RZNN82", """\\\\slashes are fun""", "nIgT81gaB5oJpn2jPXupDq68iRo2wUlBsuYjtYfwKqo=")]
    [InlineData("M8NB66SBZSGLNK82", ":slashes are fun", "2EQYm7YJpKO4EtHSPu55SQTyWf8dkW5u2nD1tJFpViA=")]
    [InlineData("X3GWNS6KJ8NKGK82", "//slashes are fun", "9Z0xdpG9Xi3zcmXv14t/BvMBut77O/Xq9D4CQXSDUi4=")]
    [InlineData("ZVWN7D3WSMK2WN82", """\\:/\\/slashes are fun""", "CZErGCNQaSsxbaQfZaJlakqo7KPP+mIa8a+wx3yNs9A=")]
    public void Adyens_examples_are_verified(string psp, string reference, string signature)
    {
        _secrets.Find("S").Returns("74F490DD33F7327BAECC88B2947C011FC02D014A473AAA33A8EC93E4DC069174");
        var adyen = Producer(""" "preset": "adyen", "verification": { "secrets": ["S"] } """);

        Assert.Null(Refusal(adyen, Message(Items(1000), "application/json")));
        Assert.NotNull(Refusal(adyen, Message(Items(1001), "application/json")));
        Assert.NotNull(Refusal(adyen, Message("""{"notificationItems":[]}""", "application/json")));
        Assert.NotNull(Refusal(adyen, Message(Items(1000)[..^2] + """,{"NotificationRequestItem":{"pspReference":"unsigned"}}]}""", "application/json")));

        // More events than a message may have are not a wrong signature: the sender learns the reason when the message is read.
        var item = Items(1000)[(Items(1000).IndexOf('[', StringComparison.Ordinal) + 1)..^2];
        Assert.Null(Refusal(adyen, Message($$"""{"notificationItems":[{{string.Join(',', Enumerable.Repeat(item, 1_001))}}]}""", "application/json")));

        string Items(int value) =>
            $$$"""{"notificationItems":[{"NotificationRequestItem":{"additionalData":{"hmacSignature":"{{{signature}}}"},"amount":{"currency":"EUR","value":{{{value}}}},"eventCode":"AUTHORISATION","merchantAccountCode":"AntoniStroinski","merchantReference":"{{{reference}}}","pspReference":"{{{psp}}}","success":"true"}}]}""";
    }

    // Their published keys are shorter than this service takes, so the signed text and the hash are tried alone.
    // https://github.com/twilio/twilio-python/blob/main/tests/unit/test_request_validator.py
    // https://developer.squareup.com/docs/webhooks/step3validate
    [Theory]
    [InlineData("twilio", "12345", "https://mycompany.com/myapp.php?foo=1&bar=2", "CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212&Caller=%2B14158675309", "RSOYDt4T1cUTdK1PDd93/VVr8B8=")]
    [InlineData("twilio", "12345", "https://mycompany.com/myapp.php?foo=1&bar=2", "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234", "IK+Dwps556ElfBT0I3Rgjkr1wJU=")]
    [InlineData("square", "asdf1234", "https://example.com/webhook", """{"hello":"world"}""", "2kRE5qRU2tR+tBGlDwMEw2avJ7QM4ikPYD/PJ3bd9Og=")]
    public void What_Twilio_and_Square_sign_is_put_together_as_they_do(string preset, string key, string url, string body, string signature)
    {
        var scheme = Producer($$""" "preset": "{{preset}}", "verification": { "secrets": ["S"], "url": "{{url}}" } """).Verification!.Signature!;
        var type = preset == "twilio" ? MessageEnvelope.Form : "application/json";

        var content = SignedContent.Of(scheme, Message(body, type), null, null, out _)!.Value;

        Assert.Equal(signature, Convert.ToBase64String(SignatureVerifier.Hmac(scheme.Algorithm, Encoding.UTF8.GetBytes(key), content.Span)));
    }

    // RFC 8032 §7.1, test 3, whose message is no text; and RSA as OpenSSL signs.
    [Theory]
    [InlineData("ed25519", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "hex", "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a", "af82", true)]
    [InlineData("ed25519", "MCowBQYDK2VwAyEA/FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU=", "hex", "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a", "af82", true)]
    [InlineData("ed25519", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "hex", "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a", "af83", false)]
    [InlineData("ed25519", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "hex", "6291d657", "af82", false)]
    [InlineData("rsa-sha256", RsaKey, "base64", "I9NrfO4Q23Nq0HLalGdXYcZqhjjyX2J23O178NB8ENwgAAcVpaaVD1WqiFcarryL0icQFbkG6cP/LPntQvmlJUhxr6vYMdydqxoBc/Pi6+/Mb45sQX5DUMbvH5CTOqOAwnsHVtlDP6MloxEbfZe4kHf6ZFNe//XZ+BWtxDCuwXI8UVZHquB4XY2GhazIhlXoBUAWSfHlkH42j5mnvoJdR1+QqfwltrqPhld4wFslAX8N/ycqtdmVvZHo5wRtOe0s1y54V72uBmDP5MJo6Seho/BaZGrGgSrm0hnXRufLOBnSVh0Zfv0CamZSz09nKwJSQBMf2W/4ilkJLlMusf2epQ==", "7b226964223a2231227d", true)]
    [InlineData("rsa-sha256", RsaKey, "base64url", "I9NrfO4Q23Nq0HLalGdXYcZqhjjyX2J23O178NB8ENwgAAcVpaaVD1WqiFcarryL0icQFbkG6cP_LPntQvmlJUhxr6vYMdydqxoBc_Pi6-_Mb45sQX5DUMbvH5CTOqOAwnsHVtlDP6MloxEbfZe4kHf6ZFNe__XZ-BWtxDCuwXI8UVZHquB4XY2GhazIhlXoBUAWSfHlkH42j5mnvoJdR1-QqfwltrqPhld4wFslAX8N_ycqtdmVvZHo5wRtOe0s1y54V72uBmDP5MJo6Seho_BaZGrGgSrm0hnXRufLOBnSVh0Zfv0CamZSz09nKwJSQBMf2W_4ilkJLlMusf2epQ", "7b226964223a2231227d", true)]
    [InlineData("rsa-sha256", RsaKey, "base64", "I9NrfO4Q", "7b226964223a2231227d", false)]
    public void A_signature_by_public_key_is_verified(string algorithm, string key, string encoding, string signature, string bodyInHex, bool isSigned)
    {
        var producer = Producer($$"""
            "messages": { "id": { "pointer": "/id" }, "type": { "constant": "t" } },
            "verification": { "kind": "publicKey", "header": "S", "algorithm": "{{algorithm}}", "encoding": "{{encoding}}", "publicKeys": ["{{key}}"] }
            """);
        var message = Message("", "application/json", ("S", signature)) with { Body = Convert.FromHexString(bodyInHex) };

        Assert.Equal(isSigned, Refusal(producer, message) is null);
    }

    [Theory]
    [InlineData("""{ "kind": "token", "header": "Authorization", "prefix": "Bearer ", "secrets": ["S"] }""", "Authorization", "bearer a-secret-of-16-b", true)]
    [InlineData("""{ "kind": "token", "header": "Authorization", "prefix": "Bearer ", "secrets": ["S"] }""", "Authorization", "Bearer a-secret-of-16-c", false)]
    [InlineData("""{ "kind": "token", "header": "Authorization", "prefix": "Bearer ", "secrets": ["S"] }""", "Authorization", "a-secret-of-16-b", false)]
    [InlineData("""{ "kind": "token", "header": "X-Gitlab-Token", "secrets": ["S"] }""", "X-Gitlab-Token", "a-secret-of-16-b", true)]
    [InlineData("""{ "kind": "token", "header": "X-Gitlab-Token", "secrets": ["SHORT"] }""", "X-Gitlab-Token", "short", false)]
    [InlineData("""{ "kind": "token", "pointer": "/secret", "secrets": ["S"] }""", "X", "", true)]
    [InlineData("""{ "kind": "token", "pointer": "/id", "secrets": ["S"] }""", "X", "", false)]
    [InlineData("""{ "kind": "basic", "secrets": ["BASIC"] }""", "Authorization", "Basic dXNlcjphLXBhc3N3b3JkLWhlcmU=", true)]
    [InlineData("""{ "kind": "basic", "secrets": ["BASIC"] }""", "Authorization", "Basic dXNlcjphbm90aGVyLXBhc3N3b3Jk", false)]
    [InlineData("""{ "kind": "basic", "secrets": ["BASIC"] }""", "Authorization", "Basic user:a-password-here", false)]
    public void A_token_or_a_password_is_compared_whole(string verification, string header, string value, bool accepted)
    {
        _secrets.Find("S").Returns("a-secret-of-16-b");
        _secrets.Find("SHORT").Returns("short");
        _secrets.Find("BASIC").Returns("user:a-password-here");
        var producer = Producer($$""" "messages": { "id": { "pointer": "/id" }, "type": { "constant": "t" } }, "verification": {{verification}} """);

        Assert.Equal(accepted, Refusal(producer, Message("""{"id":"1","secret":"a-secret-of-16-b"}""", "application/json", (header, value))) is null);
    }

    [Theory]
    [InlineData("1674087231", TimeFormat.Seconds, "2023-01-19T00:13:51Z")]
    [InlineData("1674087231.250000", TimeFormat.Seconds, "2023-01-19T00:13:51.250000Z")]
    [InlineData("1674087231250", TimeFormat.Milliseconds, "2023-01-19T00:13:51.25Z")]
    [InlineData("-1", TimeFormat.Seconds, null)]
    [InlineData("1674087231250", TimeFormat.Seconds, null)]
    [InlineData("noon", TimeFormat.Milliseconds, null)]
    [InlineData("1674087231.", TimeFormat.Seconds, null)]
    public void Unix_time_becomes_RFC_3339(string text, TimeFormat format, string? time) => Assert.Equal(time, MessageTime.ToRfc3339(text, format));

    [Theory]
    [InlineData("2022-07-13T20:30:59Z", true)]
    [InlineData("2022-07-13T20:30:59.037339943Z", true)]
    [InlineData("2022-07-13T22:30:59.1+02:00", true)]
    [InlineData("2022-07-13T20:30:59", false)]
    [InlineData("2022-07-13", false)]
    [InlineData("20:30", false)]
    public void Times_of_sending_in_RFC_3339_are_read(string text, bool isTime) =>
        Assert.Equal(isTime ? new DateTimeOffset(2022, 7, 13, 20, 30, 59, TimeSpan.Zero).ToString("s", CultureInfo.InvariantCulture) : null, MessageTime.Parse(text, TimeFormat.Rfc3339)?.UtcDateTime.ToString("s", CultureInfo.InvariantCulture));
}
