using System.Text;
using System.Text.Json;
using EventFunctions.Cli.Service;

namespace EventFunctions.Cli.Sending;

/// <summary>An event to send.</summary>
/// <param name="Number">Which event of the input it is, counted from 1.</param>
/// <param name="Id">Its ID, as far as it has one.</param>
/// <param name="Json">A structured CloudEvent in UTF-8.</param>
internal sealed record OutgoingEvent(long Number, string? Id, byte[] Json)
{
    /// <summary>Takes an event from the input, as it stands there; <c>specversion</c> may be absent.</summary>
    /// <param name="number">Which event it is.</param>
    /// <param name="json">The event.</param>
    /// <exception cref="ToolException">It is no object.</exception>
    public static OutgoingEvent From(long number, JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new ToolException(ExitCode.Failed, $"Event {number} is not a JSON object.");
        }

        var text = json.GetRawText();
        if (json.Property("specversion") is null)
        {
            text = "{\"specversion\":\"1.0\"" + (json.EnumerateObject().Any() ? "," : "") + text[1..];
        }

        return new OutgoingEvent(number, json.Text("id"), Encoding.UTF8.GetBytes(text));
    }

    /// <summary>How messages call it.</summary>
    public override string ToString() => Id is null ? $"Event {Number}" : $"Event {Number} ({Id})";
}
