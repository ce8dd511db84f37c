using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using EventFunctions.Http;
using EventFunctions.Http.Webhooks;
using EventFunctions.Schemas;
using EventFunctions.Webhooks;

namespace EventFunctions.Tests.Guides;

/// <summary>The definitions and limits of webhooks in <c>docs/consume.md</c>.</summary>
public sealed class WebhookGuideTests
{
    private static readonly string Guide = File.ReadAllText(Repository.File("docs/consume.md"));

    [Fact]
    public void Every_kind_of_authentication_is_valid()
    {
        var block = Regex.Match(Guide, "```json\r?\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;

        var kinds = JsonElement.Parse(block).EnumerateArray().Select(auth =>
        {
            Read($$"""{ "url": "https://crm.example.com/", "auth": {{auth.GetRawText()}} }""");
            return auth.GetProperty("kind").GetString();
        });
        Assert.Equal(["bearer", "basic", "oauth2"], kinds);
    }

    [Theory]
    [InlineData("retry", """["00:00:10", "36:00:00"]""")]
    [InlineData("retry", "\"short\"")]
    [InlineData("retry", "\"long\"")]
    [InlineData("contentType", "\"application/json\"")]
    public void A_value_that_the_guide_names_is_valid(string property, string value)
    {
        Assert.Contains(value.Trim('"'), Guide, StringComparison.Ordinal);

        Read($$"""{ "url": "https://crm.example.com/", "{{property}}": {{value}} }""");
    }

    private static void Read(string json)
    {
        new WebhookReader(new WebhookAddresses(new AddressRules([])), new JsonSchemas()).Read(Encoding.UTF8.GetBytes(json), "crm", out var errors);
        Assert.Empty(errors);
    }
}
