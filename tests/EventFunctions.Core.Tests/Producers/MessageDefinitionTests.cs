using System.Text;
using EventFunctions.Producers.Definitions;
using EventFunctions.Schemas;
using NSubstitute;

namespace EventFunctions.Tests.Producers;

public sealed class MessageDefinitionTests
{
    private static IEnumerable<string> Pointers(string json)
    {
        new ProducerReader(Substitute.For<ISchemaCompiler>()).Read(Encoding.UTF8.GetBytes(json), null, out var errors);
        return errors.Select(error => error.Pointer);
    }

    [Theory]
    [InlineData("""{ "id": { "pointer": "/id", "header": "X-Id" }, "type": { "pointer": "/t" } }""", "#/messages/id")]
    [InlineData("""{ "id": { "constant": "1" }, "type": { "pointer": "/t" } }""", "#/messages/id")]
    [InlineData("""{ "id": { "pointer": "" }, "type": { "pointer": "/t" } }""", "#/messages/id/pointer")]
    [InlineData("""{ "id": { "header": "a b" }, "type": { "pointer": "/t" } }""", "#/messages/id/header")]
    [InlineData("""{ "id": { "pointer": "/i" }, "type": { "constant": "other" } }""", "#/messages/type")]
    [InlineData("""{ "id": { "pointer": "/i" }, "type": { "constant": "t" }, "extensions": { "source": { "constant": "/x" } } }""", "#/messages/extensions/source")]
    [InlineData("""{ "id": { "pointer": "/i" }, "type": { "constant": "t" }, "time": { "constant": "noon" } }""", "#/messages/time/constant")]
    [InlineData("""{ "id": { "pointer": "/i" }, "type": { "constant": "t" }, "data": "a" }""", "#/messages/data")]
    [InlineData("""{ "id": { "pointer": "/i" }, "type": { "constant": "t" }, "remove": [""] }""", "#/messages/remove/0")]
    public void A_mapping_that_makes_no_sense_is_refused_where_it_stands(string messages, string pointer) =>
        Assert.Equal([pointer], Pointers($$"""{ "name": "p", "source": "/s", "types": { "t": {} }, "messages": {{messages}} }"""));

    [Theory]
    [InlineData("{}", "kind")]
    [InlineData("""{ "kind": "digest" }""", "kind")]
    [InlineData("""{ "kind": "basic" }""", "secrets")]
    [InlineData("""{ "kind": "token", "secrets": ["S"] }""", "")]
    [InlineData("""{ "kind": "token", "header": "h", "pointer": "/p", "secrets": ["S"] }""", "")]
    [InlineData("""{ "kind": "publicKey", "header": "h" }""", "publicKeys")]
    [InlineData("""{ "kind": "publicKey", "header": "h", "publicKeys": ["AAAA"] }""", "publicKeys/0")]
    [InlineData("""{ "kind": "publicKey", "header": "h", "publicKeys": ["0000000000000000000000000000000000000000000000000000000000000000"] }""", "publicKeys/0")]
    [InlineData("""{ "kind": "publicKey", "header": "h", "algorithm": "sha256", "publicKeys": ["d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"] }""", "algorithm")]
    [InlineData("""{ "kind": "entra" }""", "")]
    [InlineData("""{ "kind": "hmac", "secrets": ["S"] }""", "")]
    [InlineData("""{ "kind": "hmac", "header": "h", "secrets": [] }""", "secrets")]
    [InlineData("""{ "kind": "hmac", "header": "h", "secrets": ["not a name"] }""", "secrets/0")]
    [InlineData("""{ "kind": "hmac", "header": "h", "secrets": ["S"], "signedContent": "{timestamp}." }""", "signedContent")]
    [InlineData("""{ "kind": "hmac", "header": "h", "secrets": ["S"], "signedContent": "{body}{body}" }""", "signedContent")]
    [InlineData("""{ "kind": "hmac", "header": "h", "secrets": ["S"], "signedContent": "{nonce}{body}" }""", "signedContent")]
    [InlineData("""{ "kind": "hmac", "header": "h", "secrets": ["S"], "signedContent": "{timestamp}.{body}" }""", "timestamp")]
    [InlineData("""{ "kind": "hmac", "header": "h", "secrets": ["S"], "signedContent": "{url}.{body}" }""", "url")]
    [InlineData("""{ "kind": "hmac", "header": "h", "secrets": ["S"], "url": "https://e/" }""", "url")]
    [InlineData("""{ "kind": "hmac", "header": "h", "secrets": ["S"], "signedContent": "{header:a b}{body}" }""", "signedContent")]
    [InlineData("""{ "kind": "hmac", "header": "h", "secrets": ["S"], "timestamp": { "header": "t" } }""", "timestamp")]
    [InlineData("""{ "kind": "hmac", "header": "h", "secrets": ["S"], "signedContent": "{timestamp}{body}", "timestamp": {} }""", "timestamp")]
    [InlineData("""{ "kind": "hmac", "pointer": "/s", "secrets": ["S"], "signedContent": "{timestamp}{body}", "timestamp": { "part": "t=" } }""", "timestamp/part")]
    [InlineData("""{ "kind": "hmac", "header": "h", "secrets": ["S"], "algorithm": "md5" }""", "algorithm")]
    [InlineData("""{ "kind": "hmac", "header": "h", "secrets": ["S"], "challenge": { "query": "q", "tokenQuery": "t" } }""", "challengeSecrets")]
    [InlineData("""{ "kind": "hmac", "header": "h", "secrets": ["S"], "challenge": {} }""", "challenge")]
    [InlineData("""{ "kind": "hmac", "header": "h", "secrets": ["S"], "challenge": { "pointer": "/t", "text": "{secret}" } }""", "challenge/text")]
    [InlineData("""{ "kind": "hmac", "header": "h", "secrets": ["S"], "tolerance": "00:01:00" }""", "tolerance")]
    [InlineData("""{ "kind": "hmac", "header": "h", "secrets": ["S"], "encoding": "base32" }""", "encoding")]
    [InlineData("""{ "kind": "hmac", "header": "h", "secrets": ["S"], "secret": "value" }""", "secret")]
    public void A_verification_that_makes_no_sense_is_refused_where_it_stands(string verification, string path) =>
        Assert.Equal(
            [$"#/verification{(path.Length == 0 ? "" : "/")}{path}"],
            Pointers($$"""{ "name": "p", "source": "/s", "verification": {{verification}} }"""));

    [Theory]
    [InlineData("""{ "id": { "header": "X-Id" }, "type": { "pointer": "/t" } }""", "id")]
    [InlineData("""{ "id": { "header": "X-Id", "unsigned": true }, "type": { "pointer": "/t" } }""", "id")]
    [InlineData("""{ "id": { "template": "{header:X-Id}-{hash}" }, "type": { "pointer": "/t" } }""", "id")]
    [InlineData("""{ "id": { "template": "{header:X-Id}-{hash}", "unsigned": true }, "type": { "pointer": "/t" } }""", null)]
    [InlineData("""{ "id": { "hash": "" }, "type": { "header": "X-Kind" } }""", "type")]
    [InlineData("""{ "id": { "hash": "" }, "type": { "header": "X-Kind", "unsigned": true } }""", null)]
    [InlineData("""{ "id": { "hash": "", "unsigned": true }, "type": { "pointer": "/t" } }""", "id")]
    [InlineData("""{ "id": { "header": "x-SIGNED" }, "type": { "constant": "t" } }""", null)]
    public void An_id_and_a_type_come_from_what_the_signature_covers(string messages, string? wrong) =>
        Assert.Equal(
            wrong is null ? [] : [$"#/messages/{wrong}"],
            Pointers($$"""
                { "name": "p", "source": "/s", "messages": {{messages}},
                  "verification": { "kind": "hmac", "header": "h", "secrets": ["S"], "signedContent": "{header:X-Signed}{body}" } }
                """));

    [Theory]
    [InlineData("{/a}:{/b}", "/a", null)]
    [InlineData("{/a}:{/b}", "/c", "id")]
    [InlineData("{/a}:{/b}", "", null)]
    public void Where_only_some_values_are_signed_an_id_is_one_of_them(string signed, string id, string? wrong) =>
        Assert.Equal(
            wrong is null ? [] : [$"#/messages/{wrong}"],
            Pointers($$"""
                { "name": "p", "source": "/s", "messages": { "id": { "{{(id.Length == 0 ? "hash" : "pointer")}}": "{{id}}" }, "type": { "constant": "t" } },
                  "verification": { "kind": "hmac", "pointer": "/s", "secrets": ["S"], "signedContent": "{{signed}}" } }
                """));
}
