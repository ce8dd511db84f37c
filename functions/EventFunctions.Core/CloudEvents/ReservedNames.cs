namespace EventFunctions.CloudEvents;

/// <summary>The names of the service's own events and attributes, which producers cannot use.</summary>
public static class ReservedNames
{
    /// <summary>The suffix that the type of an enriched event has.</summary>
    public const string EnrichedTypeSuffix = ".enriched";

    /// <summary>The <c>source</c> of the service's own events.</summary>
    public const string OwnSource = "/eventfunctions";

    /// <summary>The <c>producer</c> in the records of the service's own events.</summary>
    public const string OwnProducer = "eventfunctions";

    /// <summary>How the types of the service's own events begin.</summary>
    public const string OwnTypePrefix = "eventfunctions.";

    /// <summary>The suffix of an enriched event's ID.</summary>
    public const string EnrichedIdSuffix = ":enriched";

    /// <summary>The extension attribute that tells the run, on events of a run after the first.</summary>
    public const string ReplayAttribute = "replay";

    /// <summary>The extension attribute with the <see cref="ExactKey"/> of an event whose ID or source looks like a time.</summary>
    public const string KeyAttribute = "eventfunctionskey";

    /// <summary>The extension attribute of an enriched event that names the event it was made of, by its <c>id</c> (CloudEvents' Correlation).</summary>
    public const string CausationAttribute = "causationid";

    /// <summary>The extension attribute of an enriched event that names the entity's event before, by its <c>id</c>.</summary>
    public const string PreviousIdAttribute = "previousid";

    /// <summary>The extension attribute with the time at which that event happened.</summary>
    public const string PreviousTimeAttribute = "previoustime";

    /// <summary>The extension attribute with the changes since that event, as a JSON Patch (RFC 6902) in text.</summary>
    public const string ChangesAttribute = "changes";
}
