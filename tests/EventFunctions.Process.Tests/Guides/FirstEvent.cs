using System.Net.Http.Headers;
using System.Text.Json;

namespace EventFunctions.Tests.Guides;

/// <summary>The example in C# of <c>docs/produce.md</c>.</summary>
internal static class FirstEvent
{
    public static async Task<string> SendAsync(Uri service)
    {
#pragma warning disable xUnit1051 // The example has no cancellation token.
        using var client = new HttpClient { BaseAddress = service };
        using var response = await client.PostAsync(
            "/api/events",
            new StringContent(
                """{"specversion":"1.0","id":"renewal-csharp","source":"/insurance/policies","type":"policy.renewed","subject":"policy-42"}""",
                new MediaTypeHeaderValue("application/cloudevents+json")));
        response.EnsureSuccessStatusCode();

        // The response names the event's record. Read it until the event is done.
        string status;
        do
        {
            await Task.Delay(200);
            using var record = JsonDocument.Parse(await client.GetStreamAsync(response.Headers.Location));
            status = record.RootElement.GetProperty("status").GetString()!;
        }
        while (status is "recorded" or "enriching");
        return status;
#pragma warning restore xUnit1051
    }
}
