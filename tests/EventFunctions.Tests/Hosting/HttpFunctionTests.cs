using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Tests.Hosting;

public sealed class HttpFunctionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_function_gets_the_request_the_values_of_its_route_and_its_services()
    {
        await using var server = await TestServer.StartFunctionsAsync(typeof(Functions), Add);

        Assert.Equal("GET a b 42 hello", await server.Client.GetStringAsync("api/things/a%20b/42", Cancellation));
    }

    [Fact]
    public async Task A_route_defaults_to_the_functions_name_and_methods_to_all()
    {
        await using var server = await TestServer.StartFunctionsAsync(typeof(Functions), Add);

        using var answer = await server.Client.PatchAsync("api/echo", new StringContent("text"), Cancellation);

        Assert.Equal("text", await answer.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task Another_method_or_path_finds_nothing()
    {
        await using var server = await TestServer.StartFunctionsAsync(typeof(Functions), Add);

        using var method = await server.Client.DeleteAsync("api/things/a/1", Cancellation);
        using var path = await server.Client.GetAsync("things/a/1", Cancellation);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, method.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, path.StatusCode);
    }

    [Fact]
    public async Task A_number_in_the_route_that_is_none_is_the_callers_fault()
    {
        await using var server = await TestServer.StartFunctionsAsync(typeof(Functions), Add);

        using var answer = await server.Client.GetAsync("api/things/a/x", Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_function_that_throws_answers_500_and_tells_no_details()
    {
        await using var server = await TestServer.StartFunctionsAsync(typeof(Functions), Add);

        using var answer = await server.Client.GetAsync("api/throws", Cancellation);

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.DoesNotContain("secret", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("x-half-done"));
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_cut_and_not_passed_off_as_whole()
    {
        await using var server = await TestServer.StartFunctionsAsync(typeof(Functions), Add);

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => server.Client.GetStringAsync("api/breaksoff", Cancellation));
    }

    [Fact]
    public async Task A_caller_that_goes_cancels_the_function()
    {
        var calls = new Calls();
        await using var server = await TestServer.StartFunctionsAsync(typeof(Functions), services => services.AddSingleton(calls));
        using var gone = new CancellationTokenSource();
        var call = server.Client.GetAsync("api/waits", gone.Token);
        await calls.Entered.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.True(await calls.Left.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation));
    }

    [Fact]
    public async Task A_request_in_flight_finishes_when_the_host_stops()
    {
        var calls = new Calls();
        await using var server = await TestServer.StartFunctionsAsync(typeof(Functions), services => services.AddSingleton(calls));
        var call = server.Client.GetAsync("api/finishes", Cancellation);
        await calls.Entered.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);

        var stop = server.StopAsync();
        calls.Release.SetResult();
        using var answer = await call;
        await stop;

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Each_call_has_an_instance_of_its_own()
    {
        await using var server = await TestServer.StartFunctionsAsync(typeof(Functions), Add);

        Assert.Equal("1", await server.Client.GetStringAsync("api/counts", Cancellation));
        Assert.Equal("1", await server.Client.GetStringAsync("api/counts", Cancellation));
    }

    private static void Add(IServiceCollection services) => services.AddSingleton(new Calls());

    internal sealed class Calls
    {
        public string Greeting { get; } = "hello";

        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<bool> Left { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    internal sealed class Functions(Calls calls)
    {
        private int _count;

        [Function("Things")]
        public IResult Things(
            [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "things/{name}/{number}")] HttpRequest request,
            string name,
            int number,
            CancellationToken cancellationToken) =>
            TypedResults.Text($"{request.Method} {name} {number} {(cancellationToken.CanBeCanceled ? calls.Greeting : "")}");

        [Function("Echo")]
        public static async Task<IResult> Echo([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) =>
            TypedResults.Text(await new StreamReader(request.Body).ReadToEndAsync());

        [Function("Throws")]
        public static Task<IResult> Throws([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request)
        {
            request.HttpContext.Response.Headers["x-half-done"] = "yes";
            throw new InvalidOperationException("a secret");
        }

        [Function("BreaksOff")]
        public static async ValueTask<IResult> BreaksOff([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request)
        {
            await request.HttpContext.Response.Body.WriteAsync(Encoding.UTF8.GetBytes("half"), request.HttpContext.RequestAborted);
            await request.HttpContext.Response.Body.FlushAsync(request.HttpContext.RequestAborted);
            throw new InvalidOperationException("no more");
        }

        [Function("Waits")]
        public async Task<IResult> Waits([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request, CancellationToken cancellationToken)
        {
            try
            {
                calls.Entered.SetResult();
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return TypedResults.Text(request.Path);
            }
            finally
            {
                calls.Left.SetResult(cancellationToken.IsCancellationRequested);
            }
        }

        [Function("Finishes")]
        public async Task<IResult> Finishes([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request)
        {
            calls.Entered.SetResult();
            await calls.Release.Task;
            return TypedResults.Text(request.Path);
        }

        [Function("Counts")]
        public IResult Counts([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest _) => TypedResults.Text($"{++_count}");
    }
}
