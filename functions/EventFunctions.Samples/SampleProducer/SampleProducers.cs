namespace EventFunctions.Local.SampleProducer;

/// <summary>The sample producers as the service knows them: one posts events, one offers a feed, one sends messages of its own.</summary>
public static class SampleProducers
{
    /// <summary>The CloudEvents <c>source</c> of the one that posts.</summary>
    public const string Source = "/insurance/policies";

    /// <summary>The CloudEvents <c>source</c> of the one with the feed.</summary>
    public const string FeedSource = "/insurance/feed";

    /// <summary>The CloudEvents <c>source</c> of the one that sends messages.</summary>
    public const string InsurerSource = "/insurance/insurer";

    /// <summary>The name of the one that sends messages.</summary>
    public const string InsurerName = "insurer";

    /// <summary>The name of the one with the feed.</summary>
    public const string FeedName = "policies-feed";

    /// <summary>The setting with the secret that signs messages.</summary>
    public const string MessageSecret = "ProducerSecrets:" + SecretName;

    /// <summary>The name that definitions have for that secret.</summary>
    public const string SecretName = "SAMPLE_INSURER";

    /// <summary>The path that all of them are served below.</summary>
    public const string Prefix = "producer";

    /// <summary>The types of the events that are posted and in the feed.</summary>
    public static readonly IReadOnlyList<string> Types = ["policy.issued", "policy.renewed", "policy.endorsed", "policy.cancelled"];

    private static readonly string[] Clients = ["ProducerClient", "Webhooks"];
    private static readonly string[] Loopback = ["127.0.0.0/8", "::1/128"];

    /// <summary>The settings that register the producers and let the service fetch from this machine, and post to it.</summary>
    /// <param name="self">The host's own URL, ending in a slash.</param>
    /// <param name="messageSecret">The secret that signs messages.</param>
    public static IEnumerable<KeyValuePair<string, string?>> Settings(Uri self, string messageSecret) =>
    [
        .. Registration("sample", "policies", Source, self, Types),
        .. Registration("sample-feed", FeedName, FeedSource, self, Types),
        new("Producers:sample-feed:feed:url", "feed"),
        new("Producers:sample-feed:feed:schedule", "*/5 * * * * *"),
        .. Registration("sample-insurer", InsurerName, InsurerSource, self, []),
        .. Messages("Producers:sample-insurer"),
        new(MessageSecret, messageSecret),
        .. Networks(self),
    ];

    // The sections have names of their own, so that a producer that somebody sets as number 0 does not mix with them.
    private static IEnumerable<KeyValuePair<string, string?>> Registration(string section, string name, string source, Uri self, IEnumerable<string> types) =>
    [
        new($"Producers:{section}:name", name),
        new($"Producers:{section}:source", source),
        new($"Producers:{section}:data:baseUrl", new Uri(self, Prefix + "/").AbsoluteUri),
        new($"Producers:{section}:data:template", "policies/{subject}?event={id}"),
        new($"Producers:{section}:entities", "true"),
        .. types.Select(type => KeyValuePair.Create($"Producers:{section}:types:{type}:changes", (string?)"true")),
    ];

    private static IEnumerable<KeyValuePair<string, string?>> Messages(string producer) =>
    [
        new($"{producer}:messages:id:pointer", "/Source_Req_Key"),
        new($"{producer}:messages:type:pointer", "/Event_Type"),
        new($"{producer}:messages:type:prefix", "policy."),
        new($"{producer}:messages:subject:pointer", "/Policy"),
        new($"{producer}:messages:subject:prefix", "policy-"),
        new($"{producer}:messages:remove:0", "/Api_Key"),
        new($"{producer}:verification:kind", "hmac"),
        new($"{producer}:verification:header", SampleMessage.SignatureHeader),
        new($"{producer}:verification:secrets:0", SecretName),
    ];

    // To fetch from the producers here, and to post to a customer that somebody tries out here.
    private static IEnumerable<KeyValuePair<string, string?>> Networks(Uri self)
    {
        string[] networks = self.IsLoopback ? [.. Loopback] : [.. Loopback, self.HostNameType == UriHostNameType.IPv6 ? $"{self.IdnHost}/128" : $"{self.Host}/32"];
        return from client in Clients
               from network in networks.Index()
               select KeyValuePair.Create($"{client}:AllowedNetworks:sample{network.Index}", (string?)network.Item);
    }
}
