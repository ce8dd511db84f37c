using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Filters;
using EventFunctions.Preparation;
using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Schemas;

namespace EventFunctions.Tests.Preparation;

public sealed class EventPreparationTests
{
    private readonly EventPreparation _preparation = new(new JsonSchemas());

    private PreparedEvent Prepare(ProducerType type, string? data, string? subject = "policy-42") => _preparation.Prepare(
        new Producer { Name = "policies", Source = "/s", Types = new Producer { Name = "", Source = "" }.Types.Add("t", type) },
        new EventNotification { Id = "1", Source = "/s", Type = "t", Subject = subject, Data = data is null ? null : EventContent.FromJson(data) });

    [Fact]
    public void Without_rules_the_entity_is_source_and_subject_and_everything_passes()
    {
        var prepared = Prepare(new ProducerType(), "{}");

        Assert.Equal(new EntityKey("/s", "policy-42"), prepared.Entity);
        Assert.True(prepared.WouldPublish && prepared.WouldEnrich);
        Assert.Null(Prepare(new ProducerType(), "{}", subject: null).Entity);
    }

    [Theory]
    [InlineData("""{"p":{"n":"4711"}}""", "/p/n", "4711")]
    [InlineData("""{"p":{"n":"a/b"}}""", "/p/n", "a/b")]
    [InlineData("""{"n":42}""", "/n", "42")]
    [InlineData("""{"n":42.0}""", "/n", "42")]
    [InlineData("""{"n":123456789012345678901234567890}""", "/n", "1.2345678901234567890123456789e+29")]
    [InlineData("""{"a":"x/y","b":"z z"}""", "/a /b", "x%2Fy/z%20z")]
    [InlineData("""{"a":true,"b":false}""", "/a /b", "true/false")]
    [InlineData("""{"list":[{"n":"first"}],"a/b":"odd"}""", "/list/0/n /a~1b", "first/odd")]
    [InlineData("\"whole\"", "", "whole")]
    public void Pointers_into_the_data_make_the_entity(string data, string pointers, string subject) =>
        Assert.Equal(new EntityKey("/s", subject), Prepare(new ProducerType { Entity = [.. pointers.Split(' ')] }, data).Entity);

    [Theory]
    [InlineData("""{"a":"x"}""", "/missing")]
    [InlineData("""{"b":null}""", "/b")]
    [InlineData("""{"b":{}}""", "/b")]
    [InlineData("""{"b":""}""", "/b")]
    [InlineData("""{"b":["x"]}""", "/b/00")]
    [InlineData(null, "/b")]
    public void Where_a_pointer_leads_to_nothing_there_is_no_entity_and_a_reason(string? data, string pointer)
    {
        var prepared = Prepare(new ProducerType { Entity = [pointer] }, data);

        Assert.Null(prepared.Entity);
        Assert.Contains(pointer, prepared.NoEntity, StringComparison.Ordinal);
        Assert.True(prepared.WouldPublish);
    }

    [Fact]
    public void An_entity_longer_than_a_subject_may_be_is_none() =>
        Assert.Null(Prepare(new ProducerType { Entity = ["/n"] }, $$"""{"n":"{{new string('漢', 342)}}"}""").Entity);

    [Fact]
    public void The_first_rule_that_an_event_does_not_pass_is_named()
    {
        var type = new ProducerType
        {
            Publish = Filters("""[{"operatorType":"IsNotNull","key":"subject"},{"operatorType":"StringIn","key":"data.kind","values":["a"]}]"""),
            Enrich = Filters("""[{"operatorType":"NumberGreaterThan","key":"data.premium","value":100}]"""),
        };

        Assert.Equal("publish[1] StringIn data.kind", Prepare(type, """{"kind":"b","premium":1}""").FilteredBy);
        Assert.Equal("enrich[0] NumberGreaterThan data.premium", Prepare(type, """{"kind":"A","premium":1}""").NotEnrichedBy);
        Assert.True(Prepare(type, """{"kind":"a","premium":1}""") is { WouldPublish: true, WouldEnrich: false });
        Assert.True(Prepare(type, """{"kind":"a","premium":101}""").WouldEnrich);
    }

    [Fact]
    public void Everything_that_is_wrong_with_the_data_is_reported_at_its_pointer()
    {
        var type = new ProducerType
        {
            Schema = """{"type":"object","required":["kind"],"properties":{"kind":{"enum":["a"]},"list":{"items":{"type":"integer","maximum":5}}}}""",
        };

        Assert.Equal(
            ["/kind", "/list/1", "/list/2"],
            Prepare(type, """{"list":[1,1.5,6]}""").Errors.Select(error => error.Pointer).Order(StringComparer.Ordinal));
        Assert.Empty(Prepare(type, """{"kind":"a","list":[5.0]}""").Errors);
        Assert.Equal("", Assert.Single(Prepare(type, null).Errors).Pointer);
    }

    private static AdvancedFilters Filters(string json)
    {
        List<FilterError> errors = [];
        using var document = JsonDocument.Parse(json);
        var filters = AdvancedFilters.Parse(document.RootElement, onArrays: true, "", errors);
        Assert.Empty(errors);
        return filters;
    }
}
