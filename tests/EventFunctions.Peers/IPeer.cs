namespace EventFunctions.Peers;

/// <summary>Another way to accept an event durably and to handle it afterwards.</summary>
internal interface IPeer
{
    /// <summary>Registers the services.</summary>
    void Configure(WebApplicationBuilder builder, string connection);

    /// <summary>Creates what the store still lacks.</summary>
    Task PrepareAsync(IServiceProvider services) => Task.CompletedTask;

    /// <summary>Completes when the event is durable.</summary>
    Task AcceptAsync(IServiceProvider services, string body);
}
