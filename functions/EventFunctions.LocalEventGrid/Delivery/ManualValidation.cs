using System.Security.Cryptography;
using System.Text;

namespace EventFunctions.Local.EventGrid;

/// <summary>
/// The URL by which a webhook, or its operator, can agree by a request of its own: <c>validationUrl</c> of the validation event,
/// <c>WebHook-Request-Callback</c> of the request by <c>OPTIONS</c>. It is good for ten minutes, as the service's is.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class ManualValidation(TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _agreed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _token;
    private DateTimeOffset _ends;

    /// <summary>Completes when the webhook or its operator has agreed.</summary>
    public Task Agreed => _agreed.Task;

    /// <summary>The token that the URL has now.</summary>
    public string Token
    {
        get
        {
            lock (_lock)
            {
                if (_token is null || time.GetUtcNow() >= _ends)
                {
                    (_token, _ends) = (RandomNumberGenerator.GetHexString(32, lowercase: true), time.GetUtcNow() + Lifetime);
                }

                return _token;
            }
        }
    }

    /// <summary>Agrees, if the token is the one that is good now.</summary>
    /// <param name="token">The token.</param>
    public bool TryAgree(string? token)
    {
        lock (_lock)
        {
            if (_token is null || token is null || time.GetUtcNow() >= _ends
                || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(_token)))
            {
                return false;
            }
        }

        _agreed.TrySetResult();
        return true;
    }
}
