using EventFunctions.CloudEvents;
using EventFunctions.Producers;
using EventFunctions.Records;

namespace EventFunctions.Tests.Enrichment;

public sealed class DataLocationTests
{
    private static readonly Uri Base = new("https://policies.example.com/api/v1/");

    [Theory]
    [InlineData("policies/42", "https://policies.example.com/api/v1/policies/42")]
    [InlineData("/api/v1/policies/42", "https://policies.example.com/api/v1/policies/42")]
    [InlineData("https://policies.example.com/api/v1/policies/42", "https://policies.example.com/api/v1/policies/42")]
    [InlineData("HTTPS://POLICIES.example.com:443/api/v1/policies/42", "https://policies.example.com/api/v1/policies/42")]
    [InlineData("//policies.example.com/api/v1/x", "https://policies.example.com/api/v1/x")]
    [InlineData("policies/../claims/1", "https://policies.example.com/api/v1/claims/1")]
    [InlineData("?id=42", "https://policies.example.com/api/v1/?id=42")]
    [InlineData("policies/42#premium", "https://policies.example.com/api/v1/policies/42")]
    [InlineData("a%2Fb", "https://policies.example.com/api/v1/a%2Fb")]
    [InlineData("file.name/..5/...", "https://policies.example.com/api/v1/file.name/..5/...")]
    [InlineData("x?next=../..", "https://policies.example.com/api/v1/x?next=../..")]
    public void A_dataref_under_the_base_url_is_where_the_data_is(string dataRef, string expected) =>
        Assert.Equal(expected, DataLocation.Find(Data(), Event(dataRef: dataRef))?.AbsoluteUri);

    [Theory]
    [InlineData("https://evil.example/api/v1/x")]
    [InlineData("//evil.example/api/v1/x")]
    [InlineData("\\\\evil.example\\api\\v1\\x")]
    [InlineData("/\\evil.example/api/v1/x")]
    [InlineData("\t//evil.example/api/v1/x")]
    [InlineData("http://policies.example.com/api/v1/x")]
    [InlineData("https://policies.example.com:8443/api/v1/x")]
    [InlineData("https://policies.example.com./api/v1/x")]
    [InlineData("https://policies.example.com.evil.example/api/v1/x")]
    [InlineData("https://policies.example.com@evil.example/api/v1/x")]
    [InlineData("https://user:password@policies.example.com/api/v1/x")]
    [InlineData("https://policies.example.com\\@evil.example/api/v1/x")]
    [InlineData("https://policies.example.com/api/v1")]
    [InlineData("https://policies.example.com/api/v1x/y")]
    [InlineData("https://policies.example.com/API/V1/x")]
    [InlineData("/x")]
    [InlineData("..")]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData("%2e%2e/x")]
    [InlineData("a/%2E%2e/%2e./x")]
    [InlineData("..%2fx")]
    [InlineData("a%2f..%2f..%2fx")]
    [InlineData("..%5cx")]
    [InlineData("..\\x")]
    [InlineData("a\\..\\..\\x")]
    [InlineData("%252e%252e/x")]
    [InlineData("%25252e%25252e%25252fx")]
    [InlineData("..;/x")]
    [InlineData("..;a=b/x")]
    [InlineData("%2e%2e%3b/x")]
    [InlineData("a/./..%2f/x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://policies.example.com/api/v1/x")]
    [InlineData("javascript:alert(1)")]
    [InlineData("data:text/plain,x")]
    [InlineData("https://")]
    [InlineData("https://[::1")]
    [InlineData("http://2130706433/api/v1/x")]
    public void A_dataref_that_leads_out_of_the_base_url_is_refused(string dataRef)
    {
        var error = Assert.Throws<FetchException>(() => DataLocation.Find(Data(), Event(dataRef: dataRef)));

        Assert.Equal(FailureReason.OutsideBaseUrl, error.Reason);
        Assert.True(error.Permanent);
    }

    [Theory]
    [InlineData("policies/{subject}?event={id}", "https://policies.example.com/api/v1/policies/policy-42?event=a%2Fb%3Fc%26d%20%C3%BC")]
    [InlineData("{type}/{source}", "https://policies.example.com/api/v1/policy.renewed/%2Finsurance%2Fpolicies")]
    [InlineData("fixed", "https://policies.example.com/api/v1/fixed")]
    public void Values_are_percent_encoded_into_the_template(string template, string expected) =>
        Assert.Equal(expected, DataLocation.Find(Data(template), Event(id: "a/b?c&d ü"))?.AbsoluteUri);

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("a/../../b")]
    [InlineData("..\\b")]
    [InlineData("..;x")]
    [InlineData("%2e%2e")]
    public void A_subject_that_would_lead_elsewhere_is_refused(string subject)
    {
        var error = Assert.Throws<FetchException>(() => DataLocation.Find(Data("policies/{subject}/full"), Event(subject: subject)));

        Assert.Equal(FailureReason.OutsideBaseUrl, error.Reason);
    }

    [Fact]
    public void A_subject_of_dots_is_harmless_in_the_query() =>
        Assert.Equal(
            "https://policies.example.com/api/v1/policies?subject=..",
            DataLocation.Find(Data("policies?subject={subject}"), Event(subject: ".."))?.AbsoluteUri);

    [Fact]
    public void A_subject_cannot_add_parameters_or_begin_another_host() =>
        Assert.Equal(
            "https://policies.example.com/api/v1/%2F%2Fevil.example%2F%3Fa%3Db%23c",
            DataLocation.Find(Data("{subject}"), Event(subject: "//evil.example/?a=b#c"))?.AbsoluteUri);

    [Theory]
    [InlineData("policies/{subject}")]
    [InlineData("policies/{premium}")]
    public void Without_a_place_for_the_data_the_reason_says_so(string template)
    {
        var error = Assert.Throws<FetchException>(() => DataLocation.Find(Data(template), Event(subject: null)));

        Assert.Equal(FailureReason.NoDataLocation, error.Reason);
    }

    [Fact]
    public void An_event_whose_place_nobody_names_carries_all_there_is()
    {
        Assert.Null(DataLocation.Find(Data(), Event()));
        Assert.Null(DataLocation.Find(Data() with { Data = null }, Event()));
    }

    [Fact]
    public void A_dataref_of_a_producer_without_a_base_url_is_no_place()
    {
        var error = Assert.Throws<FetchException>(() => DataLocation.Find(Data() with { Data = null }, Event(dataRef: "https://policies.example.com/42")));

        Assert.Equal(FailureReason.NoDataLocation, error.Reason);
    }

    [Theory]
    [InlineData("other", "https://policies.example.com/api/v1/policies/other")]
    [InlineData("/api/v1/other", "https://policies.example.com/api/v1/other")]
    [InlineData("../other", "https://policies.example.com/api/v1/other")]
    public void A_redirect_is_relative_to_the_url_that_redirects(string location, string expected) =>
        Assert.Equal(expected, DataLocation.Resolve(Base, new Uri(Base, "policies/42"), location).AbsoluteUri);

    [Fact]
    public void What_is_refused_is_told_without_its_query()
    {
        var error = Assert.Throws<FetchException>(() => DataLocation.Find(Data(), Event(dataRef: "https://evil.example/x?sig=secret")));

        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    private static Producer Data(string? template = null) =>
        new() { Name = "policies", Source = "/insurance/policies", Data = new ProducerData { BaseUrl = Base, Template = template } };

    private static DeliveredEvent Event(string id = "1", string? subject = "policy-42", string? dataRef = null) =>
        new() { Id = id, Source = "/insurance/policies", Type = "policy.renewed", Subject = subject, DataRef = dataRef };
}
