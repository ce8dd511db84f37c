using System.Net;
using Azure.Core;
using Azure.Identity;
using EventFunctions.Infra.Upload;

namespace EventFunctions.Infra.Tests.Upload;

/// <summary>Answers what a test says; what it says nothing of goes well.</summary>
internal sealed class ScriptedAzure : HttpMessageHandler
{
    /// <summary>Where everything is that a deployment asks.</summary>
    public const string Publish = "POST /api/publish";
    public const string Deployment = "GET /api/deployments/d1";
    public const string DeploymentLog = "GET /api/deployments/d1/log";
    public const string Host = "GET /hostruntime/admin/host/status";
    public const string Functions = "GET /functions";
    public const string Sync = "POST /syncfunctiontriggers";
    public const string Log = "POST /query";

    private readonly Dictionary<string, Queue<(HttpStatusCode? Status, string Body)>> _script = [];

    /// <summary>The requests, in order.</summary>
    public List<(string What, Uri Url, string? Scope)> Requests { get; } = [];

    /// <summary>What was sent to the log's query last.</summary>
    public string? Query { get; private set; }

    /// <summary>Whether nobody is signed in.</summary>
    public bool IsSignedOut { get; init; }

    public SkippedTime Time { get; } = new();

    /// <summary>Adds an answer to a kind of request. The last one is repeated; without a status there is no connection.</summary>
    public ScriptedAzure Answer(string what, HttpStatusCode? status, string body = "", int times = 1)
    {
        var answers = _script.TryGetValue(what, out var known) ? known : _script[what] = new();
        for (var i = 0; i < times; i++)
            answers.Enqueue((status, body));

        return this;
    }

    public int Count(string what) => Requests.Count(r => r.What == what);

    /// <summary>Deploys a package; what was reported, or the error's message.</summary>
    public async Task<string> DeployAsync()
    {
        var package = Path.GetTempFileName();
        try
        {
            using var client = new HttpClient(this, disposeHandler: false);
            var target = new UploadTarget("sub", "group", "events-1", "workspace", package);
            using var log = new StringWriter();
            await new PackageUpload(target, new AzureRequests(client, new Login(this)), Time, log).RunAsync(TestContext.Current.CancellationToken);
            return log.ToString();
        }
        catch (UploadException e)
        {
            return e.Message;
        }
        finally
        {
            File.Delete(package);
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        var what = $"{request.Method} {(path.Split("/sites/events-1") is [_, var part] ? part : path.EndsWith("/query", StringComparison.Ordinal) ? "/query" : path)}";
        Requests.Add((what, request.RequestUri, request.Headers.Authorization?.Parameter));
        if (what == Log)
            Query = await request.Content!.ReadAsStringAsync(cancellationToken);

        var (status, body) = _script.TryGetValue(what, out var answers) ? answers.Count > 1 ? answers.Dequeue() : answers.Peek() : Good(what);
        return status is null ? throw new HttpRequestException(body) : new HttpResponseMessage(status.Value) { Content = new StringContent(body) };
    }

    private static (HttpStatusCode?, string) Good(string what) => what switch
    {
        Publish => (HttpStatusCode.Accepted, "\"d1\""),
        Deployment => (HttpStatusCode.OK, """{"status":4,"complete":true}"""),
        Host => (HttpStatusCode.OK, """{"state":"Running"}"""),
        Functions => (HttpStatusCode.OK, """{"value":[{"name":"events-1/EnrichEvent"},{"name":"events-1/RecordDeadLetters"},{"name":"events-1/GetEvent"}]}"""),
        Sync => (HttpStatusCode.NoContent, ""),
        Log => (HttpStatusCode.OK, """{"tables":[{"rows":[]}]}"""),
        _ => (HttpStatusCode.NotFound, "no such address"),
    };

    private sealed class Login(ScriptedAzure azure) : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => azure.IsSignedOut
            ? throw new CredentialUnavailableException("Please run 'az login'\nto set up an account.")
            : new AccessToken(requestContext.Scopes[0], DateTimeOffset.MaxValue);

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            ValueTask.FromResult(GetToken(requestContext, cancellationToken));
    }
}
