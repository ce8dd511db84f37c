using System.Numerics;
using EventFunctions.Records;
using EventFunctions.Records.Documents;
using EventFunctions.Storage;
using Microsoft.Azure.Cosmos;

namespace EventFunctions.Azure.Cosmos;

/// <summary>A list of records as Cosmos DB's SQL, in the order of the composite index (<c>recordedAt</c> descending, <c>eventId</c>).</summary>
internal static class CosmosListQuery
{
    /// <param name="query">Filters.</param>
    /// <param name="behind">Where the list goes on.</param>
    public static QueryDefinition Of(EventQuery query, ListContinuation? behind)
    {
        List<string> conditions = [$"c.kind = '{EventDocument.KindName}'"];
        List<(string Name, string Value)> parameters = [];
        Where("c.source = @source", "@source", query.Source);
        Where("c.type = @type", "@type", query.Type);
        Where("c.subject = @subject", "@subject", query.Subject);
        Where("c.producer = @producer", "@producer", query.Producer);
        Where("c.reason = @reason", "@reason", query.Reason);
        Where("c.entityId = @entity", "@entity", query.Entity?.Id);
        if (query.Dismissed is { } dismissed)
        {
            conditions.Add(Dismissal(dismissed));
        }

        Where("c.recordedAt >= @from", "@from", query.From is { } from ? ItemTime.Bound(from) : null);
        Where("c.recordedAt < @to", "@to", query.To is { } to ? ItemTime.Bound(to) : null);
        if (query.Status is { } statuses)
        {
            conditions.Add($"c.status IN ({Names(statuses)})");
        }

        // The first condition alone is what the index can follow.
        Where("c.recordedAt <= @at", "@at", behind?.At);
        Where("(c.recordedAt < @at OR c.eventId >= @id)", "@id", behind?.Id);
        return parameters.Aggregate(
            new QueryDefinition($"SELECT * FROM c WHERE {string.Join(" AND ", conditions)} ORDER BY c.recordedAt DESC, c.eventId ASC"),
            (definition, parameter) => definition.WithParameter(parameter.Name, parameter.Value));

        void Where(string condition, string name, string? value)
        {
            if (value is not null)
            {
                conditions.Add(condition);
                parameters.Add((name, value));
            }
        }
    }

    /// <summary>Whether a failure is dismissed, as a condition.</summary>
    public static string Dismissal(bool dismissed) => dismissed ? "c.dismissed = true" : "(NOT IS_DEFINED(c.dismissed) OR c.dismissed != true)";

    /// <summary>The statuses that a mask names, as SQL's list of texts.</summary>
    public static string Names(EventStatus statuses) => string.Join(
        ", ",
        Enum.GetValues<EventStatus>()
            .Where(status => BitOperations.IsPow2((int)status) && statuses.HasFlag(status))
            .Select(status => $"'{EventStatusName.Of(status)}'"));
}
