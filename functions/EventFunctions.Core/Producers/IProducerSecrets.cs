namespace EventFunctions.Producers;

/// <summary>Knows the secrets that are shared with producers, by the names that their definitions give.</summary>
public interface IProducerSecrets
{
    /// <summary>The text of a secret; null where there is none of this name, or an empty one.</summary>
    /// <param name="name">The name below <c>ProducerSecrets:</c>.</param>
    string? Find(string name);
}
