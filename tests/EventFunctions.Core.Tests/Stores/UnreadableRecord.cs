using EventFunctions.CloudEvents;
using EventFunctions.Sqlite;

namespace EventFunctions.Tests.Stores;

/// <summary>Makes a stored record one that cannot be read.</summary>
internal static class UnreadableRecord
{
    public static void Make(SqliteDatabase database, EventKey key)
    {
        using var connection = database.OpenWriter();
        using var update = new SqliteStatement(connection, "UPDATE records SET document = json_set(document, '$.status', 'unheard of') WHERE key = ?1");
        Assert.Equal(1, update.BindBlob(1, StoreKey.OfRecord(key)).Run());
    }
}
