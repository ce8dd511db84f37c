using System.Collections.Immutable;
using EventFunctions.Storage;
using Microsoft.Azure.Cosmos;

namespace EventFunctions.Azure.Cosmos;

/// <summary>
/// Queries of documents as Cosmos DB's SQL, in the order of a composite index over the field, <c>id</c> and the partition
/// key: the container needs one for each field that it is sorted by.
/// </summary>
internal static class CosmosDocumentSql
{
    /// <param name="query">A valid query.</param>
    /// <exception cref="InvalidContinuationException">The query's continuation is none.</exception>
    public static QueryDefinition Of(DocumentQuery query)
    {
        var sql = new Builder();
        sql.WhereEqual(query.Equal);
        var field = query.OrderBy is { } name ? $"c[\"{name}\"]" : null;
        if (field is not null)
        {
            sql.Where($"IS_DEFINED({field})");
            sql.Where($"{field} >= {{0}}", query.From);
            sql.Where($"{field} < {{0}}", query.To);
        }

        var key = $"c[\"{query.Container.PartitionKey}\"]";
        var (before, direction) = query.Descending ? ("<", "DESC") : (">", "ASC");
        if (DocumentPosition.Of(query) is { } position)
        {
            var (id, partition) = (sql.Parameter(position.Id), sql.Parameter(position.Partition));
            var ties = $"(c.id {before} {id} OR (c.id = {id} AND {key} {before} {partition}))";
            if (position.Value is { } text)
            {
                // The first condition alone is what the index can follow.
                var value = sql.Parameter(text);
                sql.Where($"{field} {before}= {value}");
                sql.Where($"({field} {before} {value} OR ({field} = {value} AND {ties}))");
            }
            else
            {
                sql.Where(ties);
            }
        }

        return sql.Build("*", field is null ? $" ORDER BY c.id {direction}" : $" ORDER BY {field} {direction}, c.id {direction}, {key} {direction}");
    }

    private sealed class Builder
    {
        private readonly List<string> _conditions = [];
        private readonly List<string> _values = [];

        public string Parameter(string value)
        {
            _values.Add(value);
            return $"@p{_values.Count}";
        }

        public void Where(string condition) => _conditions.Add(condition);

        public void Where(string condition, string? value)
        {
            if (value is not null)
            {
                _conditions.Add(condition.Replace("{0}", Parameter(value), StringComparison.Ordinal));
            }
        }

        public void WhereEqual(ImmutableSortedDictionary<string, string> equal)
        {
            foreach (var (name, value) in equal)
            {
                Where($"c[\"{name}\"] = {{0}}", value);
            }
        }

        public QueryDefinition Build(string what, string order)
        {
            var where = _conditions.Count == 0 ? "true" : string.Join(" AND ", _conditions);
            return _values.Select((value, i) => (Name: $"@p{i + 1}", Value: value)).Aggregate(
                new QueryDefinition($"SELECT {what} FROM c WHERE {where}{order}"),
                (definition, parameter) => definition.WithParameter(parameter.Name, parameter.Value));
        }
    }
}
