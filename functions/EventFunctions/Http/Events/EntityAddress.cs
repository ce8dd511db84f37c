using EventFunctions.Records;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>Which entity a path means: two segments, each as <see cref="EventPath.ToSegment"/> writes it.</summary>
internal static class EntityAddress
{
    /// <summary>Reads the address; null if the path does not name an entity.</summary>
    /// <param name="source">The segment of the source.</param>
    /// <param name="subject">The segment of the subject.</param>
    public static EntityKey? Read(string source, string subject) =>
        EventPath.FromSegment(source) is { } one && EventPath.FromSegment(subject) is { } other ? new EntityKey(one, other) : null;

    /// <summary>Returns the response for an unknown entity.</summary>
    public static Problem NotFound() => new(
        StatusCodes.Status404NotFound, "There is no entity with this source and subject, or its producer's definition asks for no entities. Each is one path segment; if it contains / \\ ? # or %, write ~ and its base64url.");
}
