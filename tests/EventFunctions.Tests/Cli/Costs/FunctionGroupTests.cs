using System.Reflection;
using System.Text;
using System.Web;
using EventFunctions.Cli.Costs;
using EventFunctions.Local.EventGrid;
using EventFunctions.Local.Hosting;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace EventFunctions.Tests.Cli;

/// <summary>The groups of the costs against the functions' triggers and the topic's subscriptions.</summary>
public sealed class FunctionGroupTests : IDisposable
{
    private static readonly (string Name, Attribute Trigger)[] Functions =
    [
        .. from method in typeof(LocalHost).Assembly.GetTypes().SelectMany(type => type.GetMethods())
           let function = method.GetCustomAttribute<FunctionAttribute>()
           where function is not null
           select (function.Name, method.GetParameters().SelectMany(parameter => parameter.GetCustomAttributes()).Single(IsTrigger)),
    ];

    private readonly TemporaryFolder _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void The_groups_are_those_that_the_triggers_make() =>
        Assert.Equal(Functions.Select(GroupOf).Distinct().Order(), FunctionGroups.All.Order());

    [Fact]
    public void One_timer_ticks() => Assert.Equal([FunctionGroups.Tick], Groups<TimerTriggerAttribute>());

    [Fact]
    public void An_event_is_two_billed_activities_and_a_queued_delivery_is_the_third()
    {
        string[] activities = [GroupOf("ReceiveEvents"), .. DeliveredTo("policy.renewed"), .. DeliveredTo("policy.renewed.enriched")];

        Assert.Equal([FunctionGroups.Http, FunctionGroups.Enrich], activities);
        Assert.Equal(activities, Activities(new Workload { Events = 1 }));
        Assert.Equal(activities, Activities(new Workload { Events = 1, Deliveries = 1 }));
        Assert.Equal([.. activities, .. Groups<QueueTriggerAttribute>()], Activities(new Workload { Events = 1, Deliveries = 1, QueuedPercentage = 100 }));
    }

    // The groups that the simulation runs, the tick left out.
    private static IEnumerable<string> Activities(Workload load) =>
        FunctionUsage.Of(load).Where(group => group.Group != FunctionGroups.Tick && group.Executions > 0).SelectMany(group => Enumerable.Repeat(group.Group, (int)group.Executions));

    // The groups of the functions that the subscriptions of the service's topic give an event of a type to.
    private IEnumerable<string> DeliveredTo(string type)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new(LocalSettings.TopicKey, Convert.ToBase64String(new byte[32]))]).Build();
        using var data = DataFolder.Open(_temp.Path);
        var options = ServiceTopic.Options(settings, data, new Uri("http://127.0.0.1:7071/"), "", readsLetters: true, republishes: true);
        var topic = GridConfiguration.Compile(options).Single(topic => topic.Name == LocalSettings.TopicName);
        var body = Encoding.UTF8.GetBytes($$"""{"specversion":"1.0","id":"1","source":"/policies","type":"{{type}}"}""");
        return
        [
            .. topic.Subscriptions
                .Where(subscription => subscription.Filter.Match(new GridEvent(0, body.Length, type, null, default, default), body))
                .Select(subscription => GroupOf(HttpUtility.ParseQueryString(subscription.Endpoint.Query)["functionName"]!)),
        ];
    }

    private static IEnumerable<string> Groups<T>() => Functions.Where(function => function.Trigger is T).Select(GroupOf);

    private static string GroupOf(string name) => GroupOf(Functions.Single(function => function.Name == name));

    private static string GroupOf((string Name, Attribute Trigger) function) =>
        function.Trigger is HttpTriggerAttribute ? FunctionGroups.Http : $"function:{function.Name}";

    private static bool IsTrigger(Attribute attribute) => attribute.GetType().Name.EndsWith("TriggerAttribute", StringComparison.Ordinal);
}
