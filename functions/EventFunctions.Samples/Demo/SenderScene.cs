using System.Globalization;
using EventFunctions.Local.SampleProducer;

namespace EventFunctions.Local.Demo;

/// <summary>Three well-known senders by preset: GitHub, Stripe and Slack, each signing as it does. A captured message cannot be sent again as another event.</summary>
/// <param name="stage">What the scenes share.</param>
internal sealed class SenderScene(DemoStage stage)
{
    private static readonly string[] Senders = ["github", "stripe", "slack"];

    /// <summary>Plays the scene.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<DemoRow>> PlayAsync(CancellationToken cancellationToken)
    {
        foreach (var sender in Senders)
        {
            await stage.Administration.PutAsync($"api/producers/{sender}", Definition(sender), cancellationToken);
        }

        var sent = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var pushed = $$$"""{"action":"opened","number":{{{stage.Seed}}},"repository":{"full_name":"octo-org/policies"}}""";
        var paid = $$$"""{"id":"evt_{{{stage.Seed}}}","type":"invoice.paid","created":{{{sent}}},"pending_webhooks":1,"data":{"object":{"id":"in_1"} } }""";
        var said = $$$"""{"type":"event_callback","event_id":"Ev{{{stage.Seed}}}","event_time":{{{sent}}},"event":{"type":"message","channel":"C1","text":"renewed"}}""";
        await PostAsync("github", pushed, ("X-Hub-Signature-256", $"sha256={Sign(pushed)}"), ("X-GitHub-Event", "pull_request"), ("X-GitHub-Delivery", "delivery-1"));
        await PostAsync("stripe", paid, ("Stripe-Signature", $"t={sent},v1={Sign($"{sent}.{paid}")}"));
        await PostAsync("slack", said, ("X-Slack-Signature", $"v0={Sign($"v0:{sent}:{said}")}"), ("X-Slack-Request-Timestamp", sent));
        var replay = await PostAsync("github", pushed, ("X-Hub-Signature-256", $"sha256={Sign(pushed)}"), ("X-GitHub-Event", "push"), ("X-GitHub-Delivery", "delivery-2"));

        var completed = 0;
        await stage.UntilAsync(
            async () =>
            {
                completed = 0;
                foreach (var sender in Senders)
                {
                    completed += (await stage.IdsAsync(Source(sender), "completed", run: 0, cancellationToken)).Count;
                }

                return completed == Senders.Length;
            },
            cancellationToken);
        return
        [
            new("of GitHub, Stripe and Slack, completed", completed, Senders.Length),
            new("replayed as another event, refused", replay.Status == 409 ? 1 : 0, 1),
        ];

        string Sign(string text) => SampleMessage.Sign(stage.MessageSecret, text);

        Task<PostResponse> PostAsync(string sender, string message, params (string Name, string Value)[] headers) =>
            stage.Api.PostMessageAsync(sender, message, headers, cancellationToken);
    }

    private static string Source(string sender) => $"/{sender}";

    private static string Definition(string sender) =>
        $$"""{ "source": "{{Source(sender)}}", "preset": "{{sender}}", "verification": { "secrets": ["{{SampleProducers.SecretName}}"] } }""";
}
