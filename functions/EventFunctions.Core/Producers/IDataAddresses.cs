namespace EventFunctions.Producers;

/// <summary>Knows where full data may be fetched from.</summary>
public interface IDataAddresses
{
    /// <summary>Checks a URL's host without a network call. The addresses of a name are checked when it is connected.</summary>
    /// <param name="url">An absolute http or https URL.</param>
    /// <returns>What is wrong; null if nothing is.</returns>
    string? Refusal(Uri url);
}
