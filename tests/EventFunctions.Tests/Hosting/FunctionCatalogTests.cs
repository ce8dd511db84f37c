using EventFunctions.Local.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Tests.Hosting;

public sealed class FunctionCatalogTests
{
    [Fact]
    public void Functions_are_found_by_their_triggers()
    {
        var functions = FunctionCatalog.Find([typeof(OneOfEach)], TestServer.Settings(new() { ["Often"] = "*/5 * * * * *", ["Orders"] = "orders" }));

        var http = Assert.Single(functions.Http);
        Assert.Equal("Web", http.Name);
        Assert.Equal("api/things/{id}", http.Route.RawText);
        Assert.Equal(["GET", "PUT"], http.Methods);
        Assert.Equal("Grid", Assert.Single(functions.EventGrid).Key);
        Assert.Equal("orders", Assert.Single(functions.Queues).Queue);
        Assert.Equal(new DateTime(2026, 1, 1, 0, 0, 5), Assert.Single(functions.Timers).Schedule.GetNextOccurrence(new DateTime(2026, 1, 1)));
    }

    [Fact]
    public void The_list_of_classes_names_every_class_with_functions() =>
        Assert.Equal(
            typeof(LocalHost).Assembly.GetTypes().Where(type => type.GetMethods().Any(method => method.IsDefined(typeof(FunctionAttribute), inherit: false))).Select(type => type.Name).Order(),
            ServiceFunctions.Classes.Select(type => type.Name));

    [Theory]
    [InlineData(typeof(TwoOfOneName), "2 functions named Same")]
    [InlineData(typeof(UnknownParameter), "nothing binds to parameter stream of type Stream")]
    [InlineData(typeof(NotInRoute), "parameter other is not in the route")]
    [InlineData(typeof(NoTrigger), "no trigger")]
    [InlineData(typeof(OddResult), "returns Task`1")]
    [InlineData(typeof(BadRoute), "is not a route")]
    [InlineData(typeof(ReservedRoute), "reserves routes that begin with \"admin\"")]
    [InlineData(typeof(MissingSetting), "the setting Schedule is missing")]
    [InlineData(typeof(FiveFields), "not an NCRONTAB expression of six fields")]
    [InlineData(typeof(NeverComes), "never occurs")]
    [InlineData(typeof(BadQueue), "\"Orders\" is not a queue name")]
    [InlineData(typeof(OddMessage), "nothing binds to parameter message of type Int32")]
    public void What_cannot_be_run_is_told_at_start(Type functions, string fault)
    {
        var refused = Assert.Throws<HostStartException>(() => FunctionCatalog.Find([functions], TestServer.Settings()));

        Assert.Contains(fault, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AzureWebJobs.Tick.Disabled", "true", 0)]
    [InlineData("AzureWebJobs:Tick:Disabled", "1", 0)]
    [InlineData("AzureWebJobs:Tick:Disabled", "false", 1)]
    [InlineData("AzureWebJobs:Other:Disabled", "true", 1)]
    public void A_function_that_a_setting_disables_is_left_out(string setting, string value, int timers)
    {
        var functions = FunctionCatalog.Find([typeof(OneOfEach)], TestServer.Settings(new() { ["Often"] = "*/5 * * * * *", ["Orders"] = "orders", [setting] = value }));

        Assert.Equal(timers, functions.Timers.Count);
    }

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var refused = Assert.Throws<HostStartException>(
            () => FunctionCatalog.Find([typeof(UnknownParameter), typeof(MissingSetting), typeof(TwoOfOneName)], TestServer.Settings()));

        Assert.Equal(3, refused.Message.Split(Environment.NewLine).Length);
    }

    [Theory]
    [InlineData(typeof(LiteralBesideParameter))]
    [InlineData(typeof(OptionalBesideNothing))]
    [InlineData(typeof(CatchAll))]
    [InlineData(typeof(OtherCase))]
    [InlineData(typeof(AnyMethod))]
    public void Routes_that_overlap_are_refused(Type functions)
    {
        var refused = Assert.Throws<HostStartException>(() => FunctionCatalog.Find([functions], TestServer.Settings()));

        Assert.Contains("overlap", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(OtherMethods))]
    [InlineData(typeof(OtherDepth))]
    public void Routes_that_differ_are_no_overlap(Type functions) =>
        Assert.Equal(2, FunctionCatalog.Find([functions], TestServer.Settings()).Http.Count);

    private static Task<IResult> Ok() => Task.FromResult<IResult>(TypedResults.Ok());

    internal sealed class OneOfEach
    {
        [Function("Web")]
        public static Task<IResult> Web([HttpTrigger(AuthorizationLevel.Anonymous, "get", "put", Route = "things/{id}")] HttpRequest request, string id) =>
            request.Path.Value == id ? Ok() : Ok();

        [Function("Grid")]
        public static void Grid([EventGridTrigger] global::Azure.Messaging.CloudEvent delivered) => ArgumentNullException.ThrowIfNull(delivered);

        [Function("Tick")]
        public static void Tick([TimerTrigger("%Often%")] TimerInfo timer) => ArgumentNullException.ThrowIfNull(timer);

        [Function("Message")]
        public static void Message([QueueTrigger("%Orders%", Connection = "AzureWebJobsStorage")] string message) => ArgumentNullException.ThrowIfNull(message);

        public static void NoFunction()
        {
        }
    }

    internal sealed class TwoOfOneName
    {
        [Function("Same")]
        public static Task<IResult> One([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "one")] HttpRequest _) => Ok();

        [Function("same")]
        public static Task<IResult> Two([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "two")] HttpRequest _) => Ok();
    }

    internal sealed class UnknownParameter
    {
        [Function("F")]
        public static Task<IResult> F([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest _, Stream stream) => stream.CanRead ? Ok() : Ok();
    }

    internal sealed class NotInRoute
    {
        [Function("F2")]
        public static Task<IResult> F([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "f/{id}")] HttpRequest _, string other) => other.Length > 0 ? Ok() : Ok();
    }

    internal sealed class NoTrigger
    {
        [Function("F3")]
        public static Task<IResult> F(HttpRequest request) => request.HasFormContentType ? Ok() : Ok();
    }

    internal sealed class OddResult
    {
        [Function("F4")]
        public static Task<string> F([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest _) => Task.FromResult("");
    }

    internal sealed class BadRoute
    {
        [Function("F5")]
        public static Task<IResult> F([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "f/{id")] HttpRequest _) => Ok();
    }

    internal sealed class ReservedRoute
    {
        [Function("F12")]
        public static Task<IResult> F([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "/Administration/changes")] HttpRequest _) => Ok();
    }

    internal sealed class MissingSetting
    {
        [Function("F6")]
        public static void F([TimerTrigger("%Schedule%")] TimerInfo _)
        {
        }
    }

    internal sealed class FiveFields
    {
        [Function("F7")]
        public static void F([TimerTrigger("*/5 * * * *")] TimerInfo _)
        {
        }
    }

    internal sealed class NeverComes
    {
        [Function("F8")]
        public static void F([TimerTrigger("0 0 0 30 2 *")] TimerInfo _)
        {
        }
    }

    internal sealed class BadQueue
    {
        [Function("F9")]
        public static void F([QueueTrigger("Orders")] string _)
        {
        }
    }

    internal sealed class OddMessage
    {
        [Function("F10")]
        public static void F([QueueTrigger("orders")] int message) => ArgumentOutOfRangeException.ThrowIfNegative(message);
    }

    internal sealed class LiteralBesideParameter
    {
        [Function("A")]
        public static Task<IResult> A([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "events/{id}")] HttpRequest _) => Ok();

        [Function("B")]
        public static Task<IResult> B([HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", Route = "events/stream")] HttpRequest _) => Ok();
    }

    internal sealed class OptionalBesideNothing
    {
        [Function("A")]
        public static Task<IResult> A([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "events/{id?}")] HttpRequest _) => Ok();

        [Function("B")]
        public static Task<IResult> B([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "events")] HttpRequest _) => Ok();
    }

    internal sealed class CatchAll
    {
        [Function("A")]
        public static Task<IResult> A([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "files/{*path}")] HttpRequest _) => Ok();

        [Function("B")]
        public static Task<IResult> B([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "files/a/b/c")] HttpRequest _) => Ok();
    }

    internal sealed class OtherCase
    {
        [Function("A")]
        public static Task<IResult> A([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "Events")] HttpRequest _) => Ok();

        [Function("B")]
        public static Task<IResult> B([HttpTrigger(AuthorizationLevel.Anonymous, "GET", Route = "events")] HttpRequest _) => Ok();
    }

    internal sealed class AnyMethod
    {
        [Function("A")]
        public static Task<IResult> A([HttpTrigger(AuthorizationLevel.Anonymous, Route = "events")] HttpRequest _) => Ok();

        [Function("B")]
        public static Task<IResult> B([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "events")] HttpRequest _) => Ok();
    }

    internal sealed class OtherMethods
    {
        [Function("A")]
        public static Task<IResult> A([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "events")] HttpRequest _) => Ok();

        [Function("B")]
        public static Task<IResult> B([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "events")] HttpRequest _) => Ok();
    }

    internal sealed class OtherDepth
    {
        [Function("A")]
        public static Task<IResult> A([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "events/{id}")] HttpRequest _) => Ok();

        [Function("B")]
        public static Task<IResult> B([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "events/{id}/data")] HttpRequest _) => Ok();
    }
}
