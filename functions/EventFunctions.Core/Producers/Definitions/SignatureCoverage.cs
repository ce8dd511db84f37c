using EventFunctions.Definitions;

namespace EventFunctions.Producers.Definitions;

/// <summary>
/// Checks that an event's ID and type come from values that the signature covers. All other values of a captured message can be changed
/// before it is sent again.
/// </summary>
internal static class SignatureCoverage
{
    /// <summary>Reports an ID or type that is not covered.</summary>
    /// <param name="messages">Where each attribute comes from.</param>
    /// <param name="scheme">The signature.</param>
    /// <param name="report">Takes the attribute and what is wrong.</param>
    public static void Check(MessageMapping messages, SignatureScheme scheme, Action<string, string> report)
    {
        var signed = TextTemplate.Parse(scheme.SignedContent).Placeholders.Select(NameOf).ToHashSet(StringComparer.Ordinal);
        var isWhole = signed.Contains("body") || signed.Contains("form");
        Check("id", messages.Id);
        Check("type", messages.Type);

        void Check(string name, MessageValue value)
        {
            var open = PlacesOf(value).FirstOrDefault(place =>
                place != MessageValue.HashPlaceholder && !signed.Contains(NameOf(place)) && !(isWhole && IsContent(place)));
            if (open is null)
            {
                if (value.Unsigned)
                {
                    report(name, "The signature covers this value. Remove unsigned.");
                }
            }
            else if (!value.Unsigned)
            {
                report(name, $"The signature does not cover {{{open}}}, so a captured message could be sent again with another {name}. "
                    + "Use a signed value (for an ID, a hash is always signed), or accept it with \"unsigned\": true.");
            }
            else if (name == "id" && !PlacesOf(value).Any(IsContent))
            {
                report(name, "An ID from an unsigned header lets a captured message be sent again under any ID. Use a hash, or add {hash} to a template.");
            }
        }
    }

    // Written as placeholders, whatever the way in which the value is given.
    private static IEnumerable<string> PlacesOf(MessageValue value) => value switch
    {
        { Header: { } header } => [MessageValue.HeaderPlaceholder + header],
        { Template: { } template } => TextTemplate.Parse(template).Placeholders,
        { Hash: "" } => [MessageValue.HashPlaceholder],
        { Hash: { } hash } => [hash],
        { Pointer: { } pointer } => [pointer],
        _ => [],
    };

    // The names of headers have no case.
    private static string NameOf(string place) =>
        place.StartsWith(MessageValue.HeaderPlaceholder, StringComparison.Ordinal) ? place.ToLowerInvariant() : place;

    private static bool IsContent(string place) => place == MessageValue.HashPlaceholder || place.StartsWith('/');
}
