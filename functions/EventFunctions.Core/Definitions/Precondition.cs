using System.Collections.Immutable;

namespace EventFunctions.Definitions;

/// <summary>What a client asks of the state that it is about to change: RFC 9110's <c>If-Match</c> and <c>If-None-Match</c>.</summary>
public sealed record Precondition
{
    /// <summary>No condition: allowed only if the object does not exist.</summary>
    public static Precondition None { get; } = new();

    /// <summary>The entity tags, quotes included, of which the state must have one; <c>*</c> is any. Null asks nothing.</summary>
    public ImmutableArray<string>? IfMatch { get; init; }

    /// <summary>The entity tags that the state must not have; <c>*</c> is any. Null means no condition.</summary>
    public ImmutableArray<string>? IfNoneMatch { get; init; }

    /// <summary>What the precondition makes of a state.</summary>
    /// <param name="etag">Its entity tag; null where there is nothing.</param>
    internal PreconditionVerdict Check(string? etag) =>
        IfNoneMatch is { } none && Names(none, etag) ? PreconditionVerdict.Exists
        : IfMatch is { } some && !Names(some, etag) ? PreconditionVerdict.Failed
        : etag is not null && IfMatch is null && IfNoneMatch is null ? PreconditionVerdict.Required
        : PreconditionVerdict.Holds;

    private static bool Names(ImmutableArray<string> tags, string? etag) => etag is not null && (tags.Contains("*") || tags.Contains(etag));
}

/// <summary>What a precondition makes of a state.</summary>
internal enum PreconditionVerdict
{
    /// <summary>The change may proceed.</summary>
    Holds,

    /// <summary>The state has no tag of <c>If-Match</c>, or does not exist (RFC 9110 §15.5.13).</summary>
    Failed,

    /// <summary>The state has a tag of <c>If-None-Match</c> (RFC 9110 §15.5.13).</summary>
    Exists,

    /// <summary>Something is there, and the client does not say that it knows (RFC 6585 §3).</summary>
    Required,
}
