using System.Globalization;
using SQLitePCL;

namespace EventFunctions.Sqlite;

/// <summary>SQLite reported an error.</summary>
/// <param name="message">The message.</param>
/// <param name="code">SQLite's result code; see <see href="https://sqlite.org/rescode.html"/>.</param>
public sealed class SqliteException(string message, int code) : Exception(message)
{
    /// <summary>SQLite's result code.</summary>
    public int Code => code;

    /// <summary>Throws if a function of SQLite reported an error.</summary>
    /// <param name="result">Its result code.</param>
    /// <param name="connection">The connection, which knows the message.</param>
    internal static void ThrowIfFailed(int result, sqlite3 connection)
    {
        if (result is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            throw new SqliteException(
                string.Create(CultureInfo.InvariantCulture, $"SQLite Error {result}: '{raw.sqlite3_errmsg(connection).utf8_to_string()}'."), result);
        }
    }
}
