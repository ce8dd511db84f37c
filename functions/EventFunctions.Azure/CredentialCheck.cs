using Azure.Core;
using EventFunctions.Publication;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventFunctions.Azure;

/// <summary>
/// Asks for a token for Event Grid at start, where there is no key, so that a missing or expired identity is told then and
/// not with the first event; the topic counts as down then. Nobody waits for it, and the host goes on whatever comes of it: a
/// token may be had later.
/// </summary>
internal sealed partial class CredentialCheck(
    Func<TokenCredential> credential, IOptions<EventGridOptions> options, TopicHealth topic, ILogger<CredentialCheck> logger)
    : BackgroundService
{
    private const string Scope = "https://eventgrid.azure.net/.default";

    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!string.IsNullOrEmpty(options.Value.Key))
        {
            return;
        }

        try
        {
            await credential().GetTokenAsync(new TokenRequestContext([Scope]), stoppingToken).AsTask().WaitAsync(Budget, stoppingToken);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            NoToken(Identity.Missing, FirstLine(e.Message));
            topic.Failed(new PublishException(PublishFailure.Unavailable, Identity.Missing, e));
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    private static string FirstLine(string text) => text.AsSpan().IndexOfAny('\r', '\n') is var end and >= 0 ? text[..end] : text;

    [LoggerMessage(LogLevel.Error, "Cannot publish yet. {WhatToDo} ({Reason})")]
    private partial void NoToken(string whatToDo, string reason);
}
