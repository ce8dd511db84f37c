using EventFunctions.Settings;

namespace EventFunctions.Azure;

/// <summary>Which topic events are published to; the settings below <c>EventGrid:</c>.</summary>
public sealed record EventGridOptions : ICheckedOptions
{
    /// <summary>The topic's endpoint with its path, for example <c>https://events.westeurope-1.eventgrid.azure.net/api/events</c>.</summary>
    public string? Endpoint { get; init; }

    /// <summary>The topic's access key; without one the service publishes under its own identity.</summary>
    public string? Key { get; init; }

    /// <summary>The topic's name: in Azure the first label of the endpoint's host, else what stands before <c>/api/events</c> in its path.</summary>
    internal string Topic
    {
        get
        {
            var endpoint = new Uri(Endpoint!);
            return endpoint.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries) is [.., var name, "api", "events"] ? Uri.UnescapeDataString(name)
                : endpoint.HostNameType == UriHostNameType.Dns ? endpoint.Host.Split('.')[0]
                : endpoint.Host;
        }
    }

    /// <inheritdoc/>
    public IEnumerable<string> Validate()
    {
        const string example = "example: https://events.westeurope-1.eventgrid.azure.net/api/events";
        if (string.IsNullOrWhiteSpace(Endpoint))
        {
            yield return $"EventGrid:Endpoint is missing; {example}.";
        }
        else if (!Uri.TryCreate(Endpoint, UriKind.Absolute, out var endpoint) || endpoint.Scheme is not ("http" or "https"))
        {
            yield return $"EventGrid:Endpoint is \"{Endpoint}\", which is not an http or https URL; {example}.";
        }
        else if (endpoint.AbsolutePath == "/")
        {
            yield return $"EventGrid:Endpoint is \"{Endpoint}\", which has no path; {example}.";
        }
        else if (endpoint.Scheme == "http" && string.IsNullOrEmpty(Key))
        {
            yield return $"EventGrid:Endpoint is \"{Endpoint}\", but tokens are sent over https only: set EventGrid:Key, or use https; {example}.";
        }

        if (Key is not null && (Key.Length == 0 || Key.Any(char.IsWhiteSpace)))
        {
            yield return "EventGrid:Key is empty or holds white space; remove it to publish under the service's identity, or set the topic's key; "
                + "example: the value of 'az eventgrid topic key list --query key1'.";
        }
    }
}
