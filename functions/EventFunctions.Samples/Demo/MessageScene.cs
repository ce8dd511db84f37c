using EventFunctions.Local.SampleProducer;

namespace EventFunctions.Local.Demo;

/// <summary>A producer that speaks no CloudEvents: its signed messages become events, one that was sent twice becomes one, a forged one none.</summary>
/// <param name="stage">What the scenes share.</param>
internal sealed class MessageScene(DemoStage stage)
{
    private const int Messages = 10;
    private const int FirstPolicy = 3_000;

    /// <summary>Plays the scene.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<DemoRow>> PlayAsync(CancellationToken cancellationToken)
    {
        var ids = stage.Ids("message", Messages);
        for (var i = 0; i < Messages; i++)
        {
            await SendAsync(ids[i], FirstPolicy + i, stage.MessageSecret, cancellationToken);
        }

        var repeat = await SendAsync(ids[0], FirstPolicy, stage.MessageSecret, cancellationToken);
        var forged = await SendAsync(stage.Ids("forged", 1)[0], FirstPolicy, "not-" + stage.MessageSecret, cancellationToken);
        return
        [
            new("signed messages, completed", await stage.CompletedAsync(SampleProducers.InsurerSource, ids, run: 0, cancellationToken), Messages),
            new("messages repeated, recognised", repeat.Duplicate ? 1 : 0, 1),
            new("messages forged, refused", forged.Status == 401 ? 1 : 0, 1),
        ];
    }

    private Task<PostResponse> SendAsync(string id, int policy, string secret, CancellationToken cancellationToken)
    {
        var message = SampleMessage.Renewal(id, policy);
        return stage.Api.PostMessageAsync(
            SampleProducers.InsurerName, message, [(SampleMessage.SignatureHeader, SampleMessage.Sign(secret, message))], cancellationToken);
    }
}
