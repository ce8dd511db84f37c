namespace EventFunctions.Local.Hosting;

/// <summary>Marks an endpoint that does not follow the host in whether it asks for a key.</summary>
/// <param name="IsRequired">Whether it asks for a key on every host; else it asks for none on any.</param>
internal sealed record EndpointKey(bool IsRequired);
