using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using System.Text.Json;
using EventFunctions.Http;
using EventFunctions.Tests.EndToEnd;
using EventFunctions.Tests.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Tests.Administration;

public sealed class ChangesApiTests
{
    private const string Key = "the administration key, which is marked";
    private const string Definition = """{"source":"/tests/marked","data":{"baseUrl":"https://marked.example.com/","template":"x"}}""";
    private const string Since = """{"since":"2026-01-01T00:00:00Z"}""";

    // They change nothing.
    private static readonly string[] DryRuns = ["TryEvent", "TryMessage"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_operation_that_administers_leaves_one_entry_and_no_secret_and_refused_ones_and_dry_runs_leave_none()
    {
        await using var endpoint = await StubServer.StartAsync();
        await using var service = await Service.StartAsync(
            settings: [("Administration:Key", Key), ("Webhooks:AllowedNetworks:0", "127.0.0.0/8"), ("TickSchedule", "0 0 0 1 1 *")]);
        var calls = new Calls(service);
        foreach (var id in new[] { "gone-1", "gone-2", "ok" })
        {
            using var posted = await service.PostAsync(Service.Event(id));
            await service.ReachesAsync(id, id == "ok" ? "completed" : "failed");
        }

        var webhook = $$"""{"url":"{{endpoint.Url}}crm","events":"thin"}""";
        await calls.MakeAsync("PutProducer", "PUT", "producers/marked", Definition);
        await calls.MakeAsync("PutWebhook", "PUT", "webhooks/crm", webhook);
        await calls.RefusedAsync(HttpStatusCode.PreconditionRequired, "PUT", "webhooks/crm", webhook.Replace("thin", "both", StringComparison.Ordinal));
        await calls.RefusedAsync(HttpStatusCode.PreconditionFailed, "DELETE", "producers/marked", ifMatch: "\"7\"");
        await calls.RefusedAsync(HttpStatusCode.BadRequest, "PUT", "producers/marked", "{}");
        await calls.RefusedAsync(HttpStatusCode.Conflict, "POST", At("ok", "dismiss"));
        await calls.RefusedAsync(HttpStatusCode.NotFound, "DELETE", "replays/none");
        await calls.RefusedAsync(HttpStatusCode.Forbidden, "DELETE", "webhooks/crm", key: "wrong");
        await calls.RefusedAsync(HttpStatusCode.OK, "POST", "replays", """{"status":"completed","dryRun":true}""");
        using (await service.PostAsync(Service.Event("delivered")))
        {
            await Poll.UntilAsync(() => !endpoint.Requests.IsEmpty, () => "Nothing was delivered.");
        }

        var delivery = endpoint.Requests.First().Headers["webhook-id"];
        await calls.MakeAsync("TestWebhook", "POST", "webhooks/crm/test");
        await calls.MakeAsync("RotateWebhookSecret", "POST", "webhooks/crm/secret");
        await calls.MakeAsync("EndPreviousSecret", "DELETE", "webhooks/crm/previous-secret");
        await calls.MakeAsync("EnableWebhook", "POST", "webhooks/crm/enable");
        await calls.MakeAsync("ResendDelivery", "POST", $"webhooks/crm/deliveries/{delivery}/resend");
        await calls.MakeAsync("ResendFailedDeliveries", "POST", "webhooks/crm/resend", Since);
        await calls.MakeAsync("ReplayToWebhook", "POST", "webhooks/crm/replay", Since);
        await calls.MakeAsync("DismissEvent", "POST", At("gone-1", "dismiss"));
        await calls.MakeAsync("RestoreEvent", "POST", At("gone-1", "restore"));
        await calls.MakeAsync("ReplayEvent", "POST", At("gone-1", "replay"));
        await calls.MakeAsync("HandleFailures", "POST", "failures", """{"action":"dismiss","producer":"stub","type":"thing.changed","reason":"dataNotFound"}""");
        var job = await calls.MakeAsync("StartReplay", "POST", "replays", """{"status":"completed"}""");
        await calls.MakeAsync("CancelReplay", "DELETE", "replays/" + job.GetProperty("id").GetString());
        await calls.MakeAsync("EraseEntity", "POST", "erasures", $$"""{"source":"{{Service.Source}}","subject":"ok"}""");
        await calls.MakeAsync("RunTick", "POST", "tick");
        await calls.MakeAsync("DeleteWebhook", "DELETE", "webhooks/crm", ifMatch: "*");
        var made = (await calls.MakeAsync("CreateProducerKey", "POST", "producers/marked/keys")).GetProperty("id").GetString();
        var replacing = (await calls.MakeAsync("RotateProducerKey", "POST", $"producers/marked/keys/{made}/rotate")).GetProperty("id").GetString();
        await calls.RefusedAsync(HttpStatusCode.Conflict, "POST", $"producers/marked/keys/{made}/rotate");
        await calls.MakeAsync("RevokeProducerKey", "DELETE", $"producers/marked/keys/{replacing}");
        await calls.MakeAsync("RemoveProducerKeys", "DELETE", "producers/marked/keys");
        await calls.MakeAsync("DeleteProducer", "DELETE", "producers/marked", ifMatch: "*");

        var entries = await ListAsync(service);
        Assert.Equal(calls.Made, entries.Select(entry => entry.GetProperty("action").GetString()));
        Assert.Equal(Administrative().Except(DryRuns).Order(StringComparer.Ordinal), calls.Made.Distinct().Order(StringComparer.Ordinal));
        Assert.All(entries, entry => Assert.Matches("^made key:[0-9a-f]{8}$", $"{entry.GetProperty("outcome").GetString()} {entry.GetProperty("by").GetString()}"));
        var all = string.Concat(entries.Select(entry => entry.GetRawText()));
        Assert.All(calls.Secrets.Append(Key).Append("marked.example.com"), secret => Assert.DoesNotContain(secret, all, StringComparison.Ordinal));
        Assert.Equal(4, calls.Secrets.Count);
        AssertEntry(entries, "PutProducer", """{"object":"producer","name":"marked","etagAfter":"\"1\""}""");
        AssertEntry(entries, "CreateProducerKey", $$"""{"object":"producerKey","name":"efp_marked_{{made}}"}""");
        AssertEntry(entries, "RevokeProducerKey", $$"""{"object":"producerKey","name":"efp_marked_{{replacing}}"}""");
        AssertEntry(entries, "DeleteProducer", """{"object":"producer","name":"marked","etagBefore":"\"1\""}""");
        AssertEntry(entries, "ReplayEvent", $$"""{"object":"event","name":"gone-1","source":"{{Service.Source}}"}""");
        AssertEntry(entries, "StartReplay", $$"""{"object":"events","job":"{{job.GetProperty("id").GetString()}}"}""");
        AssertEntry(entries, "ResendDelivery", $$"""{"object":"delivery","name":"crm/{{delivery}}"}""");
        var rotated = Of(entries, "RotateWebhookSecret");
        Assert.Equal(Of(entries, "PutWebhook").GetProperty("etagAfter").GetString(), rotated.GetProperty("etagBefore").GetString());
        Assert.NotEqual(rotated.GetProperty("etagBefore").GetString(), rotated.GetProperty("etagAfter").GetString());
    }

    private static string At(string id, string part) => $"events/{id}/{part}?source={Uri.EscapeDataString(Service.Source)}";

    private static JsonElement Of(IEnumerable<JsonElement> entries, string action) => entries.Single(entry => entry.GetProperty("action").GetString() == action);

    private static void AssertEntry(IEnumerable<JsonElement> entries, string action, string expected)
    {
        var entry = Of(entries, action);
        Assert.Equal(
            expected,
            JsonSerializer.Serialize(
                entry.EnumerateObject().Where(member => member.Name is not ("id" or "at" or "by" or "action" or "outcome")).ToDictionary(member => member.Name, member => member.Value),
                JsonSerializerOptions.Web).Replace("\\u0022", "\\\"", StringComparison.Ordinal));
    }

    // Oldest first, read in pages.
    private static async Task<List<JsonElement>> ListAsync(Service service)
    {
        List<JsonElement> entries = [];
        var continuation = "";
        do
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/changes?limit=7" + continuation);
            request.Headers.Add("x-admin-key", Key);
            using var answer = await service.Client.SendAsync(request, Stop);
            var page = JsonElement.Parse(await answer.Content.ReadAsByteArrayAsync(Stop));
            entries.AddRange(page.GetProperty("items").EnumerateArray());
            continuation = page.TryGetProperty("continuation", out var next) ? "&continuation=" + Uri.EscapeDataString(next.GetString()!) : null;
        }
        while (continuation is not null);

        entries.Reverse();
        return entries;
    }

    private static IEnumerable<string> Administrative() =>
        from type in typeof(AdministratorAccess).Assembly.GetTypes()
        where type.GetConstructors().SelectMany(constructor => constructor.GetParameters()).Any(parameter => parameter.ParameterType == typeof(AdministratorAccess))
        from method in type.GetMethods()
        from parameter in method.GetParameters()
        let trigger = parameter.GetCustomAttribute<HttpTriggerAttribute>()
        where trigger is not null && trigger.Methods!.Any(name => !HttpMethods.IsGet(name) && !HttpMethods.IsHead(name))
        select method.GetCustomAttribute<FunctionAttribute>()!.Name;

    private sealed class Calls(Service service)
    {
        public List<string> Made { get; } = [];

        public List<string> Secrets { get; } = [];

        public async Task<JsonElement> MakeAsync(string action, string method, string path, string? body = null, string? ifMatch = null)
        {
            var (status, text) = await SendAsync(method, path, body, ifMatch, Key);
            Assert.True((int)status is >= 200 and < 300, $"{action}: {status} {text}");
            Made.Add(action);
            var answer = text.Length == 0 ? default : JsonElement.Parse(text);
            if (text.Length > 0 && (answer.TryGetProperty("secret", out var secret) || answer.TryGetProperty("key", out secret)))
            {
                Secrets.Add(secret.GetString()!);
            }

            return answer;
        }

        public async Task RefusedAsync(HttpStatusCode expected, string method, string path, string? body = null, string? ifMatch = null, string key = Key) =>
            Assert.Equal(expected, (await SendAsync(method, path, body, ifMatch, key)).Status);

        private async Task<(HttpStatusCode Status, string Text)> SendAsync(string method, string path, string? body, string? ifMatch, string key)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), "/api/" + path);
            request.Headers.Add("x-admin-key", key);
            request.Content = body is null ? null : new StringContent(body, new MediaTypeHeaderValue("application/json"));
            if (ifMatch is not null)
            {
                request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
            }

            using var answer = await service.Client.SendAsync(request, Stop);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Stop));
        }
    }
}
