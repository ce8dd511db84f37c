namespace EventFunctions.Local.Hosting;

/// <summary>How a host is to be put together.</summary>
internal sealed record LocalHostOptions
{
    /// <summary>The URLs to listen on, separated by semicolons.</summary>
    public string Urls { get; init; } = ListeningAddresses.Default;

    /// <summary>The folder with all data of the host; it is created if missing.</summary>
    public string DataDirectory { get; init; } = DataFolder.Default;

    /// <summary>The folder whose <c>local.settings.json</c> is read.</summary>
    public string ContentRoot { get; init; } = Environment.CurrentDirectory;

    /// <summary>Settings that go before all others.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; init; } = new Dictionary<string, string?>();

    /// <summary>Whether the service's functions run, or only what surrounds them: the local Event Grid and the sample producer.</summary>
    public bool RunFunctions { get; init; } = true;

    /// <summary>Where the functions run when they do not run here: the local Event Grid delivers there; null for nowhere.</summary>
    public Uri? FunctionsUrl { get; init; }

    /// <summary>The access key of the service's topic if no setting gives one; null to create a secret key and store it.</summary>
    public string? TopicKey { get; init; }

    /// <summary>Where functions are looked for.</summary>
    public IEnumerable<Type> FunctionTypes { get; init; } = ServiceFunctions.Classes;
}
