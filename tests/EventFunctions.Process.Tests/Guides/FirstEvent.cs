using System.Net.Http.Headers;
using System.Text.Json;

namespace EventFunctions.Tests.Guides;

/// <summary>The example in C# of <c>docs/producers.md</c>.</summary>
internal static class FirstEvent
{
    public static async Task<string> SendAsync(Uri service)
    {
#pragma warning disable xUnit1051 // The example has no token to pass on.
        using var client = new HttpClient { BaseAddress = service };
        using var answer = await client.PostAsync(
            "/api/events",
            new StringContent(
                """{"specversion":"1.0","id":"renewal-csharp","source":"/insurance/policies","type":"policy.renewed","subject":"policy-42"}""",
                new MediaTypeHeaderValue("application/cloudevents+json")));
        answer.EnsureSuccessStatusCode();

        // The answer says where the event's record is: follow it to its end.
        string status;
        do
        {
            await Task.Delay(200);
            using var record = JsonDocument.Parse(await client.GetStreamAsync(answer.Headers.Location));
            status = record.RootElement.GetProperty("status").GetString()!;
        }
        while (status is "recorded" or "enriching");
        return status;
#pragma warning restore xUnit1051
    }
}
