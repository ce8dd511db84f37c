namespace EventFunctions.Intake.Messages;

/// <summary>A message as it arrives.</summary>
/// <param name="Method">The method of the request.</param>
/// <param name="ContentType">The content type without parameters, in lower case; null if the sender gives none.</param>
/// <param name="Headers">The headers.</param>
/// <param name="Body">The body, byte for byte.</param>
public sealed record MessageEnvelope(string Method, string? ContentType, MessageHeaders Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>The content type of forms.</summary>
    public const string Form = "application/x-www-form-urlencoded";

    /// <summary>Whether the body is a form.</summary>
    public bool IsForm => ContentType == Form;
}
