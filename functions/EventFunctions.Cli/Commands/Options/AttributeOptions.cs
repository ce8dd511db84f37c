using System.Buffers;
using System.CommandLine;
using System.Text.Json;

namespace EventFunctions.Cli.Commands;

/// <summary>The options that make an event.</summary>
internal sealed class AttributeOptions
{
    private readonly Option<string?> _id = EventOptions.Text("--id", "The event's ID (default: a new UUID).", "ID");
    private readonly Option<string?> _subject = EventOptions.Text("--subject", "What the event is about.", "SUBJECT");
    private readonly Option<string?> _time = EventOptions.Text("--time", "When it happened (RFC 3339).", "TIME");
    private readonly Option<string?> _data = EventOptions.Text("--data", "The event's own data, JSON.", "JSON");
    private readonly Option<string?> _dataRef = EventOptions.Text("--dataref", "Where the full data is.", "URI");

    public AttributeOptions()
    {
        _data.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !IsJson(token.Value))
            {
                result.AddError("--data must be JSON; a text stands in quotes: --data '\"text\"'.");
            }
        });
    }

    /// <summary>The source.</summary>
    public Option<string?> Source { get; } = EventOptions.Text("--source", "The producer's source.", "SOURCE");

    /// <summary>The type.</summary>
    public Option<string?> Type { get; } = EventOptions.Text("--type", "The event's type.", "TYPE");

    /// <summary>All options.</summary>
    public IEnumerable<Option> All => [Source, Type, _id, _subject, _time, _data, _dataRef];

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    public void AddTo(Command command)
    {
        foreach (var option in All)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Returns the event's ID, or creates one.</summary>
    /// <param name="call">The run of the command.</param>
    public string IdOf(Call call) => call.Get(_id) ?? Guid.CreateVersion7(call.Context.Time.GetUtcNow()).ToString();

    /// <summary>Writes the event as JSON.</summary>
    /// <param name="call">The run of the command.</param>
    /// <param name="id">The event's ID.</param>
    public byte[] ToJson(Call call, string id)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteString("specversion", "1.0");
            writer.WriteString("id", id);
            Write("source", Source);
            Write("type", Type);
            Write("subject", _subject);
            Write("time", _time);
            Write("dataref", _dataRef);
            if (call.Get(_data) is { } data)
            {
                // As it was written, numbers to the last digit.
                writer.WritePropertyName("data");
                writer.WriteRawValue(data);
            }

            writer.WriteEndObject();

            void Write(string name, Option<string?> option)
            {
                if (call.Get(option) is { } value)
                {
                    writer.WriteString(name, value);
                }
            }
        }

        return body.WrittenSpan.ToArray();
    }

    private static bool IsJson(string text)
    {
        try
        {
            using var parsed = JsonDocument.Parse(text);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
