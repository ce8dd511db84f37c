using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using EventFunctions.Intake.Messages;
using EventFunctions.Producers;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace EventFunctions.Tests.Messages;

public sealed class MessageVerifierTests
{
    private const string Body = """{"n":1}""";

    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_614_265_330);

    private static readonly SignatureScheme Hex = new() { Header = "X-Signature", Prefix = "sha256=", Secrets = ["ONE"] };

    private static readonly SignatureScheme Timed = Hex with { SignedContent = "v0:{timestamp}:{body}", Timestamp = new() { Header = "X-Time" } };

    private static readonly SignatureScheme StandardWebhooks = new()
    {
        Header = "webhook-signature",
        Prefix = "v1,",
        Separator = " ",
        Encoding = SignatureEncoding.Base64,
        SignedContent = "{header:webhook-id}.{timestamp}.{body}",
        Timestamp = new() { Header = "webhook-timestamp" },
        Secrets = ["ONE"],
        SecretEncoding = SecretEncoding.Base64,
    };

    private static readonly SignatureScheme Stripe = new()
    {
        Header = "Stripe-Signature",
        Prefix = "v1=",
        Separator = ",",
        SignedContent = "{timestamp}.{body}",
        Timestamp = new() { Part = "t=" },
        Secrets = ["ONE"],
    };

    private static readonly ImmutableSortedSet<string> Callers =
        ImmutableSortedSet.Create<string>(StringComparer.OrdinalIgnoreCase, "11111111-aaaa-1111-1111-111111111111");

    private readonly IProducerSecrets _secrets = Substitute.For<IProducerSecrets>();

    private string? Refusal(SignatureScheme scheme, string body, params (string Name, string? Value)[] headers) =>
        Refusal(new MessageVerification { Kind = VerificationKind.Hmac, Signature = scheme }, body, null, headers);

    private string? Refusal(MessageVerification? verification, string body, string? caller, params (string Name, string? Value)[] headers) =>
        Refusal(
            new Producer { Name = "p", Source = "/s", Verification = verification, Callers = verification is { Kind: VerificationKind.Entra } ? Callers : Callers.Clear() },
            body,
            caller,
            headers);

    private string? Refusal(Producer producer, string body, string? caller, params (string Name, string? Value)[] headers) =>
        new MessageVerifier(_secrets, new FakeTimeProvider(Now)).Refusal(
            producer,
            new MessageEnvelope(
                "POST",
                "application/json",
                name => [.. headers.Where(header => string.Equals(header.Name, name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value)],
                Encoding.UTF8.GetBytes(body)),
            caller);

    private static string Sign(string content, string secret = "a-secret-of-16-b") =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(content)));

    public MessageVerifierTests() => _secrets.Find("ONE").Returns("a-secret-of-16-b");

    [Fact]
    public void The_test_vector_that_GitHub_publishes_is_verified()
    {
        _secrets.Find("ONE").Returns("It's a Secret to Everybody");

        Assert.Null(Refusal(Hex, "Hello, World!", ("X-Signature", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")));
        Assert.NotNull(Refusal(Hex, "Hello, World?", ("X-Signature", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")));
    }

    [Theory]
    [InlineData("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    [InlineData("v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg== v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    public void The_test_vector_of_Standard_Webhooks_is_verified_among_other_signatures(string signatures)
    {
        _secrets.Find("ONE").Returns("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

        Assert.Null(Refusal(
            StandardWebhooks,
            """{"test": 2432232314}""",
            ("Webhook-Id", "msg_p5jXN8AQM9LWM0D4loKWxJek"),
            ("Webhook-Timestamp", "1614265330"),
            ("Webhook-Signature", signatures)));
    }

    [Theory]
    [InlineData("msg_p5jXN8AQM9LWM0D4loKWxJeX", "1614265330")]
    [InlineData("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265331")]
    [InlineData(null, "1614265330")]
    [InlineData("msg_p5jXN8AQM9LWM0D4loKWxJek", null)]
    public void Another_or_no_id_or_time_is_refused(string? id, string? timestamp)
    {
        _secrets.Find("ONE").Returns("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

        Assert.NotNull(Refusal(
            StandardWebhooks,
            """{"test": 2432232314}""",
            ("webhook-id", id),
            ("webhook-timestamp", timestamp),
            ("webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")));
    }

    [Fact]
    public void Hex_in_either_case_is_read() => Assert.Null(Refusal(Hex, Body, ("x-signature", "sha256=" + Sign(Body).ToUpperInvariant())));

    [Fact]
    public void During_a_rotation_every_secret_counts()
    {
        _secrets.Find("TWO").Returns("another-of-16-by");
        var both = Hex with { Secrets = ["ONE", "MISSING", "TWO"] };

        Assert.Null(Refusal(both, Body, ("X-Signature", "sha256=" + Sign(Body))));
        Assert.Null(Refusal(both, Body, ("X-Signature", "sha256=" + Sign(Body, "another-of-16-by"))));
        Assert.NotNull(Refusal(both, Body, ("X-Signature", "sha256=" + Sign(Body, "third"))));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("whsec_")]
    [InlineData("no base64!")]
    [InlineData("whsec_MTIzNDU2Nzg5MDEyMzQ1")]
    public void A_secret_that_is_missing_malformed_or_shorter_than_16_bytes_is_refused(string? secret)
    {
        _secrets.Find("ONE").Returns(secret);

        var refusal = Refusal(
            StandardWebhooks with { SignedContent = "{body}", Timestamp = null },
            Body,
            ("webhook-signature", "v1," + Convert.ToBase64String(HMACSHA256.HashData(Array.Empty<byte>(), Encoding.UTF8.GetBytes(Body)))));

        Assert.Contains("ProducerSecrets:ONE", refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sha256=")]
    [InlineData("sha256=zz")]
    [InlineData("sha1=0000000000000000000000000000000000000000")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("sha256=0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("sha256=00000000000000000000000000000000000000000000000000000000000000000")]
    public void A_signature_that_is_malformed_or_wrong_is_refused(string header) => Assert.NotNull(Refusal(Hex, Body, ("X-Signature", header)));

    [Fact]
    public void A_signature_that_comes_twice_or_not_at_all_is_refused()
    {
        var signature = "sha256=" + Sign(Body);

        const string Told = "The header X-Signature is missing or given more than once.";
        Assert.Equal(Told, Refusal(Hex, Body));
        Assert.Equal(Told, Refusal(Hex, Body, ("X-Signature", signature), ("X-Signature", signature)));
    }

    [Fact]
    public void More_signatures_than_any_rotation_needs_are_refused()
    {
        string Many(int others) => string.Concat(Enumerable.Repeat("sha256=" + Sign("x") + " ", others)) + "sha256=" + Sign(Body);

        Assert.Null(Refusal(Hex with { Separator = " " }, Body, ("X-Signature", Many(19))));
        Assert.Equal("The header X-Signature has more than 20 signatures.", Refusal(Hex with { Separator = " " }, Body, ("X-Signature", Many(20))));
    }

    [Fact]
    public void A_signature_without_the_prefix_counts_for_nothing_beside_one_that_has_it()
    {
        var scheme = Hex with { Separator = " " };

        Assert.Null(Refusal(scheme, Body, ("X-Signature", $"x sha256={Sign(Body)}")));
        Assert.StartsWith("The header X-Signature has no signature in the form", Refusal(scheme, Body, ("X-Signature", "sha255=" + Sign(Body))), StringComparison.Ordinal);
        Assert.StartsWith("The header X-Signature has no signature in the form", Refusal(scheme, Body, ("X-Signature", "sha256=")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2_048, true)]
    [InlineData(2_049, false)]
    public void A_signature_has_a_longest_length(int length, bool accepted)
    {
        var prefix = new string('p', length - Sign(Body).Length);

        Assert.Equal(accepted, Refusal(Hex with { Prefix = prefix }, Body, ("X-Signature", prefix + Sign(Body))) is null);
    }

    [Fact]
    public void Values_of_the_message_are_signed_beside_its_body_and_a_missing_one_is_signed_as_nothing()
    {
        var producer = new Producer
        {
            Name = "p",
            Source = "/s",
            Messages = new() { Id = new() { Pointer = "/n" }, Type = new() { Constant = "t" } },
            Verification = new() { Kind = VerificationKind.Hmac, Signature = Hex with { SignedContent = "{/n}.{/missing}.{body}" } },
        };

        Assert.Null(Refusal(producer, Body, null, ("X-Signature", "sha256=" + Sign($"1..{Body}"))));
    }

    [Fact]
    public void A_message_that_is_no_form_has_no_signed_fields() => Assert.Equal(
        "The message is not a form.",
        Refusal(Hex with { SignedContent = "{form}" }, Body, ("X-Signature", "sha256=" + Sign(Body))));

    [Theory]
    [InlineData(0, true)]
    [InlineData(300, true)]
    [InlineData(-300, true)]
    [InlineData(301, false)]
    [InlineData(-301, false)]
    public void The_time_of_sending_may_lie_as_far_from_now_as_tolerated_either_way(int offset, bool accepted)
    {
        var sent = (Now.ToUnixTimeSeconds() + offset).ToString(System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal(accepted, Refusal(Timed, Body, ("X-Time", sent), ("X-Signature", "sha256=" + Sign($"v0:{sent}:{Body}"))) is null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1614265330")]
    [InlineData("+1614265330")]
    [InlineData(" 1614265330")]
    [InlineData("1614265330.0")]
    [InlineData("2021-02-25T15:02:10Z")]
    [InlineData("999999999999")]
    [InlineData("99999999999999999999999999999999")]
    public void A_time_that_is_not_in_Unix_seconds_is_refused(string sent) =>
        Assert.NotNull(Refusal(Timed, Body, ("X-Time", sent), ("X-Signature", "sha256=" + Sign($"v0:{sent}:{Body}"))));

    [Fact]
    public void A_time_may_stand_in_the_signatures_own_header()
    {
        var signature = Sign($"1614265330.{Body}");

        Assert.Null(Refusal(Stripe, Body, ("Stripe-Signature", $"t=1614265330,v1={Sign("old")},v1={signature},v0=xyz")));
        Assert.NotNull(Refusal(Stripe, Body, ("Stripe-Signature", $"t=1614265331,v1={signature}")));
        Assert.NotNull(Refusal(Stripe, Body, ("Stripe-Signature", $"t=1614265330,t=1614265330,v1={signature}")));
        Assert.NotNull(Refusal(Stripe, Body, ("Stripe-Signature", $"v1={signature}")));
    }

    [Theory]
    [InlineData("11111111-AAAA-1111-1111-111111111111", true)]
    [InlineData("22222222-2222-2222-2222-222222222222", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void An_Entra_principal_is_one_of_the_callers_or_refused(string? caller, bool accepted) =>
        Assert.Equal(
            accepted ? null : caller is not null ? "The caller is not on the producer's list of callers." : "The request has no Entra ID identity.",
            Refusal(new MessageVerification { Kind = VerificationKind.Entra }, Body, caller));

    [Theory]
    [InlineData("11111111-AAAA-1111-1111-111111111111", true)]
    [InlineData("22222222-2222-2222-2222-222222222222", false)]
    [InlineData(null, false)]
    public void Where_callers_are_named_a_signature_alone_lets_nobody_in(string? caller, bool accepted)
    {
        var both = new Producer { Name = "p", Source = "/s", Verification = new() { Kind = VerificationKind.Hmac, Signature = Hex }, Callers = Callers };

        Assert.Equal(accepted, Refusal(both, Body, caller, ("X-Signature", "sha256=" + Sign(Body))) is null);
        Assert.NotNull(Refusal(both, Body, caller, ("X-Signature", "sha256=" + Sign("other"))));
    }

    [Fact]
    public void Without_a_verification_nothing_is_accepted()
    {
        Assert.Equal("The producer has no verification.", Refusal((MessageVerification?)null, Body, "11111111-aaaa-1111-1111-111111111111"));
        Assert.NotNull(Refusal(new MessageVerification { Kind = VerificationKind.Hmac }, Body, "11111111-aaaa-1111-1111-111111111111"));
    }
}
