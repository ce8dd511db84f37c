using System.Text;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Producers;
using EventFunctions.Producers.Definitions;
using EventFunctions.Schemas;
using NSubstitute;

namespace EventFunctions.Tests.Producers;

public sealed class PresetDefinitionTests
{
    private static (Producer? Producer, IReadOnlyList<EventError> Errors) Read(string members)
    {
        var producer = new ProducerReader(Substitute.For<ISchemaCompiler>()).Read(Encoding.UTF8.GetBytes($$"""{"name":"p","source":"/s",{{members}}}"""), null, out var errors);
        return (producer, errors);
    }

    private static string Written(Producer producer) => Encoding.UTF8.GetString(ProducerJson.Write(producer).Span);

    [Fact]
    public void Members_of_the_definition_replace_those_of_the_preset_and_null_takes_one_away()
    {
        const string members = """
            "preset":"twitch","messages":{"type":{"constant":"stream"},"data":null,"subject":null},"verification":{"tolerance":null,"secrets":["S"]}
            """;

        var producer = Read(members).Producer!;

        Assert.Equal(new MessageValue { Constant = "stream" }, producer.Messages!.Type);
        Assert.Equal(new MessageValue { Header = "Twitch-Eventsub-Message-Id" }, producer.Messages.Id);
        Assert.Equal((null, null), (producer.Messages.Subject, producer.Messages.Data));
        Assert.Equal(TimeSpan.FromMinutes(5), producer.Verification!.Signature!.Tolerance);
        Assert.Equal("/challenge", producer.Verification.Challenge!.Pointer);
        Assert.Equal($$"""{"name":"p","source":"/s",{{members.Trim()}}}""", Written(producer).Replace(""""secrets":["S"],"tolerance":null"""", """"tolerance":null,"secrets":["S"]"""", StringComparison.Ordinal));
        Assert.Equal(Written(producer), Written(new ProducerReader(Substitute.For<ISchemaCompiler>()).Read(ProducerJson.Write(producer).Span, "p", out _)!));
    }

    [Theory]
    [InlineData("""  "preset":"githob","verification":{"secrets":["S"]}  """, "#/preset", "github")]
    [InlineData("""  "preset":"github"  """, "#/verification/secrets", "at least one secret")]
    [InlineData("""  "preset":"square","verification":{"secrets":["S"]}  """, "#/verification/url", "exactly as the sender has it")]
    [InlineData("""  "preset":"discord","verification":{"secrets":["S"]}  """, "#/verification/publicKeys", "at least one key")]
    [InlineData("""  "preset":"meta","verification":{"secrets":["S"]}  """, "#/verification/challengeSecrets", "at least one secret")]
    [InlineData("""  "preset":"github","messages":7,"verification":{"secrets":["S"]}  """, "#/messages", "object")]
    [InlineData("""  "preset":"github","messages":{"id":{"header":"X-GitHub-Delivery"}},"verification":{"secrets":["S"]}  """, "#/messages/id", "does not cover")]
    public void What_a_preset_needs_or_forbids_is_said_at_its_place(string members, string pointer, string detail)
    {
        var errors = Read(members).Errors;

        Assert.Contains(errors, error => error.Pointer == pointer && error.Detail.Contains(detail, StringComparison.Ordinal));
    }

    // https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme
    [Fact]
    public void Another_kind_of_verification_can_be_put_on_top()
    {
        var (producer, errors) = Read("""
            "preset":"standard-webhooks","verification":{"kind":"publicKey","prefix":"v1a,","secretEncoding":null,"publicKeys":["whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="]}
            """);

        Assert.Empty(errors);
        Assert.Equal((VerificationKind.PublicKey, SignatureAlgorithm.Ed25519, "webhook-signature"), (producer!.Verification!.Kind, producer.Verification.Signature!.Algorithm, producer.Verification.Signature.Header));
    }

    [Fact]
    public void A_preset_is_named_in_settings_too()
    {
        using var settings = JsonDocument.Parse("""{"Name":"p","Source":"/s","Preset":"github","Messages":{"Subject":{"Pointer":"/sender/login"}},"Verification":{"Secrets":{"0":"S"}}}""");

        var producer = new ProducerReader(Substitute.For<ISchemaCompiler>()).ReadSettings(settings.RootElement, out var errors)!;

        Assert.Empty(errors);
        Assert.Equal(("/sender/login", "X-GitHub-Event"), (producer.Messages!.Subject!.Pointer, producer.Messages.Type.Header));
        Assert.Equal(["S"], producer.Verification!.Signature!.Secrets);
    }

    // Readers could not know whose word it is, so a preset never has a secret.
    [Fact]
    public void No_preset_names_a_secret_or_a_key() =>
        Assert.All(MessagePreset.All, preset => Assert.All(
            (string[])["secrets", "publicKeys", "url", "challengeSecrets"], name => Assert.False(preset.Verification.TryGetProperty(name, out _))));
}
