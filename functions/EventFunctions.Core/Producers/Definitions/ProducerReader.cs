using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Definitions;
using EventFunctions.Filters;
using EventFunctions.Schemas;
using NCrontab;

namespace EventFunctions.Producers.Definitions;

/// <summary>
/// Turns a definition into a producer, or says everything that is wrong with it at once. The definitions of the registry's
/// calls and those in settings are read alike.
/// </summary>
/// <param name="schemas">Checks the schemas that a definition brings.</param>
public sealed class ProducerReader(ISchemaCompiler schemas)
{
    /// <summary>The most bytes a definition may have, as it comes and as it is written back.</summary>
    public const int MaxBytes = 262_144;

    private const int MaxNameLength = 63;
    private const int MaxCallers = 100;
    private const int MaxScheduleLength = 200;
    private const int MinDays = 7;
    private const int MaxDays = 3_650;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    // Long enough to hold a 29 February that is a given day of the week.
    private static readonly DateTime ScheduleFrom = new(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private static readonly DateTime ScheduleTo = new(2064, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private const string Reserved = "Reserved for the service's own events. Use another one.";

    private static readonly string NameMeaning =
        $"A name must have 1 to {MaxNameLength} lower-case letters, digits and hyphens, and must not begin with a hyphen.";

    private static readonly string SourceMeaning =
        $"A source must be a URI-reference (RFC 3986 §4.1) of 1 to {AttributeRules.MaxIdentityBytes} bytes, such as \"/insurance/policies\".";

    /// <summary>Whether a text is a producer's name.</summary>
    /// <param name="text">Anything.</param>
    public static bool IsName(string text) =>
        text is { Length: > 0 and <= MaxNameLength } && !text.AsSpan().ContainsAnyExcept(NameCharacters) && !text.StartsWith('-');

    /// <summary>Reads a definition in JSON. Whether its source is free only the registry knows.</summary>
    /// <param name="utf8">Anything.</param>
    /// <param name="name">The name that the producer has to have, and need not repeat; null where only the definition tells it.</param>
    /// <param name="errors">Everything that is wrong; empty where nothing is.</param>
    /// <param name="check">Returns what else is wrong; it also gets a producer of which other parts are wrong, without them.</param>
    /// <returns>The producer; null where there are errors.</returns>
    public Producer? Read(
        ReadOnlySpan<byte> utf8, string? name, out IReadOnlyList<EventError> errors, Func<Producer, IReadOnlyList<EventError>>? check = null) =>
        Read(utf8, name, new DefinitionContext(schemas, isSettings: false), out errors, check);

    /// <summary>Reads a definition that the registry has accepted, perhaps when less was refused than now: it still serves.</summary>
    /// <param name="utf8">The definition as it is stored.</param>
    /// <param name="name">The producer's name.</param>
    /// <param name="errors">Everything that keeps it from being used; empty where nothing does.</param>
    /// <returns>The producer; null where there are errors.</returns>
    public Producer? ReadStored(ReadOnlySpan<byte> utf8, string name, out IReadOnlyList<EventError> errors) =>
        Read(utf8, name, new DefinitionContext(schemas, isSettings: false, isStored: true), out errors);

    private static Producer? Read(
        ReadOnlySpan<byte> utf8, string? name, DefinitionContext context, out IReadOnlyList<EventError> errors, Func<Producer, IReadOnlyList<EventError>>? check = null)
    {
        Producer? producer = null;
        if (utf8.Length > MaxBytes)
        {
            context.Errors.Add(DefinitionPointer.Whole, $"A definition may have at most {MaxBytes} bytes.");
        }
        else if (ParseStrict(utf8, context.Errors) is { } json)
        {
            producer = Read(json, name, context, check);
        }

        errors = context.Errors.ToList();
        return producer;
    }

    /// <summary>Reads a definition that was put together from settings: all values are text, and schemas and rules are JSON text.</summary>
    /// <param name="settings">The settings as JSON.</param>
    /// <param name="errors">Everything that is wrong; empty where nothing is.</param>
    /// <returns>The producer; null where there are errors.</returns>
    public Producer? ReadSettings(JsonElement settings, out IReadOnlyList<EventError> errors)
    {
        var context = new DefinitionContext(schemas, isSettings: true);
        var producer = Read(settings, null, context);
        errors = context.Errors.ToList();
        return producer;
    }

    /// <summary>Parses JSON that has one meaning: no name twice in an object, no half surrogate pairs.</summary>
    /// <param name="utf8">Anything.</param>
    /// <param name="errors">Gains what is wrong.</param>
    /// <returns>Null where anything is wrong.</returns>
    internal static JsonElement? ParseStrict(ReadOnlySpan<byte> utf8, ErrorList errors)
    {
        utf8 = ByteOrderMark.Skip(utf8);
        if (EventReader.CheckEncoding(utf8) is { } wrong)
        {
            errors.Add(DefinitionPointer.Whole, wrong);
            return null;
        }

        try
        {
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = StrictJson.MaxDepth });
            reader.Read();
            StrictJson.Check(ref reader, new JsonPath(), errors);
            reader.Read();
            return errors.Count > 0 ? null : JsonElement.Parse(utf8, new JsonDocumentOptions { MaxDepth = StrictJson.MaxDepth });
        }
        catch (JsonException e)
        {
            errors.Add(DefinitionPointer.Whole, JsonFault.Explain(utf8, e));
            return null;
        }
    }

    private static Producer? Read(JsonElement json, string? name, DefinitionContext context, Func<Producer, IReadOnlyList<EventError>>? check = null)
    {
        if (DefinitionObject.Open(json, DefinitionPointer.Whole, context) is not { } definition)
        {
            return null;
        }

        var ownName = name is null
            ? definition.Text("name", CheckName, NameMeaning)
            : definition.Text("name", text => text == name ? null : $"Must be \"{name}\", the producer in the URL.") ?? name;
        if (name == ReservedNames.OwnProducer && !context.IsStored)
        {
            definition.Error("name", Reserved);
        }

        var source = definition.Text("source", CheckSource, SourceMeaning);
        var hasData = definition.Has("data");
        var hasFeed = definition.Has("feed");
        var data = DataReader.Read(definition.Object("data"));
        var types = TypeReader.Read(definition.Object("types"), context);
        var entities = definition.Flag("entities");
        if (entities == false && types.FirstOrDefault(type => type.Value.Changes).Key is { } compared)
        {
            definition.Error("entities", $"Must not be false while the type {compared} has changes: they are found by the entity's events.");
        }

        var feed = ReadFeed(definition.Object("feed"), hasData, data, [.. types.Keys]);
        var isUnknown = definition.Has("preset");
        var preset = ReadPreset(definition);
        isUnknown &= preset is null;
        var hasMessages = definition.Has("messages") || preset?.Messages is not null;
        var messages = MappingReader.Read(ReadPart(definition, "messages", preset?.Messages, isUnknown, context), [.. types.Keys], context);
        var verification = ReadPart(definition, "verification", preset?.Verification, isUnknown, context);
        var callers = definition.Texts("callers", MaxCallers, CheckCaller);
        var producer = new Producer
        {
            Name = ownName ?? "",
            Source = source ?? "",
            Preset = preset?.Name,
            Data = data,
            Types = types,
            Entities = entities,
            Feed = feed,
            Messages = messages,
            Verification = VerificationReader.Read(verification, hasCallers: callers.Length > 0, context),
            Callers = callers.Select(caller => caller.ToLowerInvariant()).ToImmutableSortedSet(StringComparer.OrdinalIgnoreCase),
            EventsPerMinute = ReadQuota(definition.Object("quota")),
            Retention = ReadRetention(definition.Object("retention"), context),
        };
        if (callers.Length > 0 && producer.Verification is { Kind: not VerificationKind.Entra } && !context.IsStored)
        {
            definition.Error("callers", "A signature or token does not identify the caller. Remove callers, or verify with Entra ID.");
        }

        if (producer is { Messages: { } mapping, Verification.Signature: { } signature } && !context.IsStored)
        {
            SignatureCoverage.Check(
                mapping, signature, (attribute, wrong) => context.Errors.Add(DefinitionPointer.Below(DefinitionPointer.Whole, "/messages/" + attribute), wrong));
        }

        if (producer.HasSourcePattern)
        {
            foreach (var (member, isThere) in new[] { ("feed", hasFeed), ("messages", hasMessages) })
            {
                if (isThere)
                {
                    definition.Error(member, $"Needs one source, and \"{source}\" is a pattern. Register a producer of its own for the {member}, with the source of its events.");
                }
            }
        }

        foreach (var error in check?.Invoke(producer) ?? [])
        {
            context.Errors.Add(error.Pointer, error.Detail);
        }

        definition.Close();
        if (context.Errors.Count == 0 && ProducerJson.Write(producer).Length > MaxBytes)
        {
            definition.Error(null, $"A definition may have at most {MaxBytes} bytes; the stored form of this one has more.");
        }

        return context.Errors.Count == 0 ? producer : null;
    }

    private static MessagePreset? ReadPreset(DefinitionObject definition)
    {
        var name = definition.Text("preset", text => MessagePreset.Find(text) is null
            ? $"Unknown preset. Use one of {string.Join(", ", MessagePreset.All.Select(preset => preset.Name))}."
            : null);
        return name is null ? null : MessagePreset.Find(name);
    }

    // A preset's members are those that the definition does not have itself.
    private static DefinitionObject? ReadPart(DefinitionObject definition, string name, JsonElement? preset, bool isUnknown, DefinitionContext context)
    {
        var hasOwn = definition.TryTake(name, out var own);
        if (hasOwn && isUnknown)
        {
            // It completes a preset that is unknown, so its missing parts are not errors.
            return null;
        }

        return preset is not { } given ? (hasOwn ? DefinitionObject.Open(own, DefinitionPointer.Member(definition.Pointer, name), context) : null)
            : DefinitionObject.Open(
                !hasOwn ? given : own.ValueKind == JsonValueKind.Object ? PresetMerge.Apply(given, own, context.IsSettings) : own,
                DefinitionPointer.Member(definition.Pointer, name),
                context);
    }

    private static (string Name, FeedFormat Value)[] FeedFormats { get; } = [("json", FeedFormat.Json), ("atom", FeedFormat.Atom), ("rss", FeedFormat.Rss)];

    private static string? CheckSource(string text) => AttributeRules.CheckValue("source", text) is not null ? SourceMeaning
        : text == ReservedNames.OwnSource ? Reserved
        : SourcePattern.Explain(text);

    private static string? CheckName(string text) => !IsName(text) ? NameMeaning : text == ReservedNames.OwnProducer ? Reserved : null;

    private static string? CheckCaller(string text) =>
        Guid.TryParseExact(text, "D", out _) ? null : "A caller must be an Entra ID object ID, such as \"3f2504e0-4f89-41d3-9a0c-0305e82c3301\".";

    private static ProducerFeed? ReadFeed(DefinitionObject? feed, bool hasData, ProducerData? data, ICollection<string> types)
    {
        if (feed is null)
        {
            return null;
        }

        if (!hasData)
        {
            feed.Error(null, "A feed needs data.baseUrl. Add it to the definition.");
        }

        Uri? url = null;
        feed.Text("url", text => CheckUrl(text, data, out url), "Must be a URL under data.baseUrl, such as \"events\".");
        var schedule = feed.Text(
            "schedule", CheckSchedule, "Must be an NCRONTAB expression of six fields, such as \"0 */5 * * * *\".");
        var items = feed.Text("items", text => text.Length is > 0 and <= MaxNameLength ? null : $"Must have 1 to {MaxNameLength} characters.");
        var numericIds = feed.Flag("numericIds") ?? false;
        var includesLast = feed.Flag("includesLast") ?? false;
        var format = feed.Choice("format", FeedFormats) ?? FeedFormat.Json;
        var isJson = format == FeedFormat.Json;
        if (isJson == feed.Has("type"))
        {
            feed.Error("type", isJson ? "Only for the formats atom and rss: CloudEvents have their own types." : "Entries need the type of their events, such as \"article.published\".");
        }

        var type = feed.Text("type", text => AttributeRules.CheckValue("type", text)
            ?? (types.Count > 0 && !types.Contains(text) ? $"The type \"{text}\" is not one of the producer's types." : null));
        if (!isJson && (items is not null || numericIds || includesLast))
        {
            feed.Error("format", "items, numericIds and includesLast describe pages of JSON. Remove them, or format.");
        }

        feed.Close();
        return url is null || schedule is null ? null : new ProducerFeed
        {
            Format = format,
            Type = type,
            Url = url,
            Schedule = schedule,
            Items = items,
            NumericIds = numericIds,
            IncludesLast = includesLast,
        };
    }

    private static string? CheckUrl(string text, ProducerData? data, out Uri? url)
    {
        url = null;
        if (text.Length is 0 or > DefinitionPointer.MaxLength || !UriSyntax.IsReference(text))
        {
            return $"A URI-reference (RFC 3986 §4.1) of 1 to {DefinitionPointer.MaxLength} characters.";
        }

        try
        {
            url = data is null ? null : DataLocation.Resolve(data.BaseUrl, data.BaseUrl, text);
            return null;
        }
        catch (FetchException)
        {
            return "Must be under data.baseUrl.";
        }
    }

    private static string? CheckSchedule(string text)
    {
        var schedule = text.Length <= MaxScheduleLength ? CrontabSchedule.TryParse(text, new() { IncludingSeconds = true }) : null;
        return schedule is null ? "Must be an NCRONTAB expression of six fields, seconds first, such as \"0 */5 * * * *\"."
            : schedule.GetNextOccurrence(ScheduleFrom, ScheduleTo) >= ScheduleTo ? "The schedule never occurs. Use a date that exists."
            : null;
    }

    private static int? ReadQuota(DefinitionObject? quota)
    {
        var eventsPerMinute = quota?.Number("eventsPerMinute", 1, QuotaOptions.MaxEventsPerMinute);
        quota?.Close();
        return eventsPerMinute;
    }

    private static ProducerRetention ReadRetention(DefinitionObject? retention, DefinitionContext context)
    {
        var read = new ProducerRetention
        {
            RecordDays = retention?.Number("recordDays", MinDays, MaxDays),
            DataDays = retention?.Number("dataDays", MinDays, MaxDays),
        };
        if (read.DataDays > read.RecordDays && !context.IsStored)
        {
            retention!.Error("dataDays", $"Must be at most {read.RecordDays} days (recordDays): full data cannot be kept longer than its record.");
        }

        retention?.Close();
        return read;
    }
}
