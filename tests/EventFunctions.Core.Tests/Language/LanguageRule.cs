using System.Text.RegularExpressions;

namespace EventFunctions.Tests.Language;

/// <summary>A construction that texts avoid.</summary>
/// <param name="Pattern">Finds it.</param>
/// <param name="Instead">The plain words.</param>
internal sealed record LanguageRule(string Name, string Pattern, string Instead)
{
    public static IReadOnlyList<LanguageRule> All { get; } =
    [
        new("nobody", @"\b(nobody|no one|anybody|somebody|everybody|whoever|whatever|whichever)\b", "the person or thing by its name"),
        new("none", @"\bnone (that|of|which|other)\b|(?<!\bthere )\b(is|are|was|has|have|names?|holds?) none\b", "\"not one of\", \"no …\", or the thing by its name"),
        new("is no", @"(?<!\bthere )\b(is|are|was|were) no (?!(longer|more than|less than|later than|earlier than)\b)", "\"is not a\""),
        new("what is", @"\bwhat (is|are|was|were|comes|came|becomes|became|belongs|follows|it|there|they|that|this|leaves|cannot|has|goes)\b", "the thing by its name"),
        new("told", @"\b(is|are|was|were|be|been|not|never) told\b|\btells? (of|it|which|whether|why|when|what|how)\b", "report, record, show"),
        new("to be had", @"\bto be (had|said|told|asked)\b", "unavailable"),
        new("put off", @"\b(put|puts|putting) off\b", "defer"),
        new("since", @", since\b", "because"),
        new("where", @"\bwhere (there|nothing|none|it is|that is|no)\b", "if"),
        new("too", @"\btoo\b(?=[.;,:)]|$)", "also"),
        new("in spite of", @"\b(in spite of|for all that|all the same|nevertheless)\b", "even if, still"),
        new("trouble", @"\btroubles?\b", "failure, error"),
        new("under way", @"\b(under way|on its way|the way of)\b", "in progress"),
        new("story", @"\bstor(y|ies)\b", "timeline"),
        new("spare", @"\bspare(s|d)?\b", "protect, skip"),
        new("say", @"\b(is|are|be) said\b|\bsays (something|so|which|whether|nothing|who|what|how|why|when)\b", "report, show, name"),
        new("pass over", @"\bpass(es|ed)? over\b", "skip"),
        new("go on", @"\b(goes on|go on|read on|comes by|come by|comes of|came of|is over|are over)\b", "continue, end"),
        new("there is such", @"\b(there is such|is no such|are no such)\b", "exists, unknown"),
        new("called so", @"\b(called so|known here|other than this|another than|as many as may)\b", "the plain words"),
        new("noted", @"\b(noted|notes down|written down)\b", "recorded"),
    ];

    /// <summary>Returns the first use in a text; null if there is none.</summary>
    public string? Find(string text) => Regex.Match(text, Pattern, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant) is { Success: true } match ? match.Value : null;
}
