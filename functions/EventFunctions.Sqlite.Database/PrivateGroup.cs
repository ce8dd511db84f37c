using System.Globalization;

namespace EventFunctions.Sqlite;

/// <summary>Tells a user's private group, which systems with a umask of 002 give each user, from one that others are in.</summary>
internal static class PrivateGroup
{
    private const char Separator = ':';

    /// <summary>Whether a group has this process's user alone. A group that is not in the system's files counts as shared.</summary>
    /// <param name="group">The group.</param>
    public static bool Is(uint group) =>
        File.Exists("/etc/passwd") && File.Exists("/etc/group")
        && Is(group, FileStatus.CurrentUser, File.ReadLines("/etc/passwd"), File.ReadLines("/etc/group"));

    /// <summary>Whether a group has one user alone.</summary>
    /// <param name="group">The group.</param>
    /// <param name="user">The user.</param>
    /// <param name="passwords">The lines of <c>/etc/passwd</c>.</param>
    /// <param name="groups">The lines of <c>/etc/group</c>.</param>
    public static bool Is(uint group, uint user, IEnumerable<string> passwords, IEnumerable<string> groups)
    {
        var (users, id, number) = (passwords.Select(line => line.Split(Separator)).ToList(), Text(user), Text(group));
        return users.Find(fields => fields is [_, _, var other, ..] && other == id) is [var name, ..]
            && users.TrueForAll(fields => fields is not [_, _, var other, var primary, ..] || primary != number || other == id)
            && groups.Select(line => line.Split(Separator)).FirstOrDefault(fields => fields is [_, _, var other, ..] && other == number) is [var named, _, _, var members, ..]
            && named == name
            && members.Split(',', StringSplitOptions.RemoveEmptyEntries).All(member => member == name);
    }

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}
