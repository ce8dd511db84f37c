using System.Globalization;
using EventFunctions.CloudEvents;
using EventFunctions.Local.SampleProducer;
using EventFunctions.Records;

namespace EventFunctions.Local.CommandLine;

/// <summary>The lines to paste into a shell that send an event and read its record.</summary>
internal static class Invitation
{
    private static string Curl => OperatingSystem.IsWindows() ? "curl.exe" : "curl";

    /// <summary>The lines, in CloudEvents' binary mode, whose headers need no quotes inside quotes: they are the same for every shell.</summary>
    /// <param name="functions">Where the functions run, ending in a slash.</param>
    /// <param name="key">The event's source, which is the sample producer's, and its ID.</param>
    /// <param name="needsKey">Whether a function key is asked for.</param>
    public static IEnumerable<string> Lines(Uri functions, EventKey key, bool needsKey)
    {
        var curl = Curl + (needsKey ? " -H \"x-functions-key: KEY\"" : "");
        yield return $"{curl} -i -X POST {new Uri(functions, "api/events")} -H \"ce-specversion: 1.0\" -H \"ce-id: {key.Id}\""
            + $" -H \"ce-source: {key.Source}\" -H \"ce-type: policy.endorsed\" -H \"ce-subject: policy-7\"";
        yield return $"{curl} \"{functions.AbsoluteUri.TrimEnd('/')}{EventPath.ForRecord(key)}\"";
    }

    /// <summary>The line that sends a signed message of a producer that speaks no CloudEvents. No key opens that call.</summary>
    /// <param name="functions">Where the functions run, ending in a slash.</param>
    /// <param name="secret">The producer's secret.</param>
    public static string Message(Uri functions, string secret)
    {
        var message = SampleMessage.Renewal(NewId("try"), policy: 11);
        return $"{Curl} -i -X POST {new Uri(functions, SampleMessage.Path)} -H \"Content-Type: application/json\""
            + $" -H \"{SampleMessage.SignatureHeader}: {SampleMessage.Sign(secret, message)}\" -d \"{message.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
    }

    /// <summary>An event ID that no other event has.</summary>
    /// <param name="prefix">How it begins.</param>
    public static string NewId(string prefix) =>
        string.Create(CultureInfo.InvariantCulture, $"{prefix}-{DateTime.UtcNow:yyyyMMddHHmmss}-{Random.Shared.Next(0x10000):x4}");
}
