using System.Text;
using CsCheck;
using EventFunctions.Webhooks;

namespace EventFunctions.Tests.Webhooks;

public sealed class StandardWebhookSignatureTests
{
    // The specification's own example.
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private const string Id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    private const string Body = """{"test": 2432232314}""";
    private const string Signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeSeconds(1_614_265_330);

    private static WebhookSecret Parsed(string text)
    {
        Assert.True(WebhookSecret.TryParse(text, out var secret));
        return secret;
    }

    private static SignatureVerdict Verify(
        string signatures = Signature, string? id = Id, string? timestamp = "1614265330", string body = Body, TimeSpan late = default, params WebhookSecret[] secrets) =>
        StandardWebhookSignature.Verify(secrets is [] ? [Parsed(Secret)] : secrets, id, timestamp, signatures, Encoding.UTF8.GetBytes(body), At + late);

    [Fact]
    public void The_example_of_the_specification_is_signed_as_it_says() =>
        Assert.Equal(Signature, StandardWebhookSignature.Sign(Parsed(Secret).Bytes, Id, At.AddMilliseconds(999), Encoding.UTF8.GetBytes(Body)));

    [Fact]
    public void What_was_signed_is_verified() => Assert.Equal(SignatureVerdict.Valid, Verify());

    [Fact]
    public void Whatever_was_signed_is_verified_and_nothing_else() => Gen.Select(Gen.Byte.Array[0, 200], Gen.String[Gen.Char.AlphaNumeric, 1, 20], Gen.Int[0, 199]).Sample((body, id, place) =>
    {
        var secret = WebhookSecret.Create();
        var signature = StandardWebhookSignature.Sign(secret.Bytes, id, At, body);
        var whole = StandardWebhookSignature.Verify([secret], id, StandardWebhookSignature.TextOf(At), signature, body, At);
        byte[] changed = place < body.Length ? [.. body[..place], (byte)(body[place] ^ 1), .. body[(place + 1)..]] : [.. body, 0];
        return whole == SignatureVerdict.Valid
            && StandardWebhookSignature.Verify([secret], id, StandardWebhookSignature.TextOf(At), signature, changed, At) == SignatureVerdict.Wrong
            && StandardWebhookSignature.Verify([WebhookSecret.Create()], id, StandardWebhookSignature.TextOf(At), signature, body, At) == SignatureVerdict.Wrong;
    });

    [Fact]
    public void Another_body_id_time_or_signature_is_wrong()
    {
        Assert.Equal(SignatureVerdict.Wrong, Verify(body: Body + " "));
        Assert.Equal(SignatureVerdict.Wrong, Verify(id: Id + "x"));
        Assert.Equal(SignatureVerdict.Wrong, Verify(timestamp: "1614265331"));
        Assert.Equal(SignatureVerdict.Wrong, Verify(Signature[..^1]));
        Assert.Equal(SignatureVerdict.Wrong, Verify("v1a," + Signature[3..]));
        Assert.Equal(SignatureVerdict.Wrong, Verify(secrets: WebhookSecret.Create()));
    }

    [Theory]
    [InlineData(300, SignatureVerdict.Valid)]
    [InlineData(-300, SignatureVerdict.Valid)]
    [InlineData(301, SignatureVerdict.OutOfTime)]
    [InlineData(-301, SignatureVerdict.OutOfTime)]
    public void Five_minutes_are_tolerated_either_way(int late, SignatureVerdict expected) =>
        Assert.Equal(expected, Verify(late: TimeSpan.FromSeconds(late)));

    [Theory]
    [InlineData(null, "1614265330", Signature)]
    [InlineData("", "1614265330", Signature)]
    [InlineData(Id, null, Signature)]
    [InlineData(Id, "-5", Signature)]
    [InlineData(Id, "yesterday", Signature)]
    [InlineData(Id, "99999999999999999999999", Signature)]
    [InlineData(Id, "1614265330", "")]
    public void Headers_that_are_missing_or_none_are_malformed(string? id, string? timestamp, string signatures) =>
        Assert.Equal(SignatureVerdict.Malformed, Verify(signatures, id, timestamp));

    [Fact]
    public void During_a_rotation_either_secret_verifies_and_afterwards_the_new_one_alone()
    {
        var (old, current) = (WebhookSecret.Create(), WebhookSecret.Create());
        var secrets = new WebhookSecrets(current, old, At.AddHours(1));

        var during = string.Join(' ', secrets.Sign(Id, At, "{}"u8));
        var after = string.Join(' ', secrets.Sign(Id, At.AddHours(1), "{}"u8));

        Assert.Equal(SignatureVerdict.Valid, Verify(during, body: "{}", secrets: old));
        Assert.Equal(SignatureVerdict.Valid, Verify(during, body: "{}", secrets: current));
        Assert.Equal(2, during.Split(' ').Length);
        var hour = TimeSpan.FromHours(1);
        var stamp = StandardWebhookSignature.TextOf(At + hour);
        Assert.Equal(SignatureVerdict.Wrong, Verify(after, timestamp: stamp, body: "{}", late: hour, secrets: old));
        Assert.Equal(SignatureVerdict.Valid, Verify(after, timestamp: stamp, body: "{}", late: hour, secrets: current));
    }

    [Fact]
    public void A_secret_is_24_to_64_bytes_and_never_shown_by_accident()
    {
        var secret = WebhookSecret.Create();

        Assert.Equal(32, secret.Bytes.Length);
        Assert.Equal(secret.Text, Parsed(secret.Text).Text);
        Assert.NotEqual(secret.Text, WebhookSecret.Create().Text);
        Assert.DoesNotContain(secret.Text[6..], $"{secret} {new WebhookSecrets(secret, secret, At)}", StringComparison.Ordinal);
        Assert.All(
            [null, "", "whsec_", "whsec_AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "whsec_!", "whsec_" + Convert.ToBase64String(new byte[65]), "whsec_" + new string('A', 10_000)],
            text => Assert.False(WebhookSecret.TryParse(text, out _)));
    }
}
