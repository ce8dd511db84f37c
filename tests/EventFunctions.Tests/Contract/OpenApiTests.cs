using System.Net;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using EventFunctions.Http;
using EventFunctions.Schemas;
using EventFunctions.Tests.EndToEnd;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Tests.Contract;

public sealed class OpenApiTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void The_contract_has_every_call_and_no_other_and_leaves_out_HEAD_which_every_GET_has() =>
        Assert.Equal(
            Functions().SelectMany(function => function.Trigger.Methods.Where(method => method != "head").Select(method => $"{method.ToUpperInvariant()} /api/{function.Trigger.Route} {function.Name}")).Order(),
            ContractCall.All.Select(call => $"{call.Method} {call.Path} {call.Id}").Order());

    [Fact]
    public void The_contract_says_who_may_call() =>
        Assert.All(Functions(), function =>
        {
            var security = ContractCall.All.Single(call => call.Id == function.Name).Security;
            Assert.Equal(Has<ProducerAccess>(function.Type), security.Any(way => way.Contains("producerKey")));
            Assert.Equal(
                function.Trigger.AuthLevel == AuthorizationLevel.Anonymous,
                security.Count == 0 || security.Any(way => way.Count == 0));
            Assert.Equal(
                Has<AdministratorAccess>(function.Type),
                security.Count > 0 && security.All(way => way.Contains("administrationKey") || way.Contains("entra")) && security.All(way => way.Contains("functionKey")));
        });

    // How a rebuild stands is of no producer.
    [Fact]
    public void Every_call_that_is_not_for_administrators_alone_minds_the_keys_of_producers() =>
        Assert.All(
            Functions().Where(function => function.Trigger.AuthLevel != AuthorizationLevel.Anonymous),
            function => Assert.True(Has<AdministratorAccess>(function.Type) || Has<ProducerAccess>(function.Type), function.Name));

    [Fact]
    public void Every_schema_of_the_contract_can_be_checked() =>
        Assert.All(
            Bodies().SelectMany(one => (string?[])[one.Body.Schema, one.Body.DataSchema]).OfType<string>().Distinct(),
            schema => Assert.Empty(JsonSchemas.Check(schema)));

    [Fact]
    public void What_is_sent_and_what_is_answered_well_has_examples() =>
        AssertNone(Bodies().Where(one => one.Status is null or (>= 200 and <= 299) && one.Body.Examples.Count == 0).Select(one => one.Place));

    [Fact]
    public void Every_example_is_as_its_schema_says() =>
        AssertNone(
            from one in Bodies()
            from example in one.Body.Examples
            from fault in ExampleFaults(one.Body, example)
            select $"{one.Place}: {fault}");

    [Fact]
    public async Task The_contract_is_there_to_be_read()
    {
        await using var service = await Service.StartAsync();
        using var answer = await service.Client.GetAsync("/api/openapi.yaml", Cancellation);
        using var again = new HttpRequestMessage(HttpMethod.Get, "/api/openapi.yaml");
        again.Headers.IfNoneMatch.Add(answer.Headers.ETag!);
        using var same = await service.Client.SendAsync(again, Cancellation);

        Assert.Equal("application/yaml", answer.Content.Headers.ContentType!.ToString());
        Assert.StartsWith("openapi: 3.1", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotModified, same.StatusCode);
    }

    [Fact]
    public async Task As_JSON_it_says_the_same()
    {
        await using var service = await Service.StartAsync();
        await using var yaml = await service.Client.GetStreamAsync("/api/openapi.yaml", Cancellation);
        using var answer = await service.Client.GetAsync("/api/openapi.json", Cancellation);

        Assert.Equal("application/json", answer.Content.Headers.ContentType!.ToString());
        Assert.True(JsonNode.DeepEquals(Yaml.Read(yaml), JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))));
    }

    private static IEnumerable<(string Place, int? Status, ContractBody Body)> Bodies() =>
        ContractCall.All.SelectMany(call => call.Bodies.Select(body => ($"The body of {call.Id}, {body.Key}", (int?)null, body.Value))
            .Concat(from answer in call.Answers
                    from body in answer.Value.Bodies
                    select ($"The answer {answer.Key} of {call.Id}, {body.Key}", (int?)answer.Key, body.Value)));

    private static bool Has<T>(Type function) =>
        function.GetConstructors().Single().GetParameters().Any(parameter => parameter.ParameterType == typeof(T));

    // All of them, where the platform's own message would show the first.
    private static void AssertNone(IEnumerable<string> faults)
    {
        var all = faults.ToList();
        Assert.True(all.Count == 0, string.Join(Environment.NewLine, all));
    }

    private static IEnumerable<string> ExampleFaults(ContractBody body, JsonNode? example) =>
        ContractDocument.OpenApi.Check(body.Schema, Encoding.UTF8.GetBytes(example?.ToJsonString() ?? "null"))
            .Concat(body.DataSchema is null ? [] : new EventDataCheck(body.DataSchema).Faults(Encoding.UTF8.GetBytes(example!.GetValue<string>())));

    private static IEnumerable<(string Name, Type Type, HttpTriggerAttribute Trigger)> Functions() =>
        from type in typeof(OpenApiDocument).Assembly.GetTypes()
        from method in type.GetMethods()
        let function = method.GetCustomAttribute<FunctionAttribute>()
        where function is not null
        from parameter in method.GetParameters()
        let trigger = parameter.GetCustomAttribute<HttpTriggerAttribute>()
        where trigger is not null
        select (function.Name, type, trigger);
}
