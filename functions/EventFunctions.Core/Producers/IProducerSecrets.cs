namespace EventFunctions.Producers;

/// <summary>Knows the secrets that are shared with producers, by the names that their definitions give.</summary>
public interface IProducerSecrets
{
    /// <summary>Returns the text of a secret; null if it is missing or empty.</summary>
    /// <param name="name">The name below <c>ProducerSecrets:</c>.</param>
    string? Find(string name);
}
