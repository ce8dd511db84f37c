using Azure.Core;
using EventFunctions.Publication;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventFunctions.Azure;

/// <summary>
/// Requests a token for Event Grid at start if no key is set, so that a missing or expired identity is reported before the first event and
/// the topic counts as down. The host starts without waiting for the result: a token may become available later.
/// </summary>
internal sealed partial class CredentialCheck(
    Func<AzureIdentity> identity, IOptions<EventGridOptions> options, TopicHealth topic, ILogger<CredentialCheck> logger)
    : BackgroundService
{
    private const string Scope = "https://eventgrid.azure.net/.default";

    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(30);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        string.IsNullOrEmpty(options.Value.Key) ? RequestTokenAsync(stoppingToken) : Task.CompletedTask;

    private async Task RequestTokenAsync(CancellationToken stoppingToken)
    {
        try
        {
            await identity().Credential.GetTokenAsync(new TokenRequestContext([Scope]), stoppingToken).AsTask().WaitAsync(Budget, stoppingToken);
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
