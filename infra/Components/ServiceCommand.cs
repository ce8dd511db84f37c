using Pulumi;
using Command = Pulumi.Command.Local.Command;

namespace EventFunctions.Infra.Components;

/// <summary>Commands that run where this program runs, once for each change of what triggers them.</summary>
internal static class ServiceCommand
{
    /// <summary>Runs a command.</summary>
    /// <param name="name">What it does.</param>
    /// <param name="command">A command line that every shell understands.</param>
    /// <param name="triggers">Runs again when one of these changes.</param>
    /// <param name="parent">The component it belongs to.</param>
    /// <param name="after">What must be done before.</param>
    public static Command Run(
        string name, Input<string> command, IEnumerable<Output<string>> triggers, Resource? parent, IEnumerable<Resource> after)
    {
        return new Command(
            name,
            new()
            {
                Create = command,
                Interpreter = OperatingSystem.IsWindows() ? ["powershell", "-NoProfile", "-Command"] : ["/bin/sh", "-c"],
                Triggers = triggers.Select(t => t.Apply(value => (object)value)).ToArray(),
            },
            new()
            {
                Parent = parent,
                DependsOn = after.ToArray(),
                // Another operator's machine is no reason to run it again.
                IgnoreChanges = { "interpreter" },
            });
    }

    /// <summary>Waits until roles that were just given are in effect, which Azure tells nobody.</summary>
    /// <param name="name">What waits.</param>
    /// <param name="access">The roles.</param>
    /// <param name="also">What else must be in effect.</param>
    public static Command WaitForRoles(string name, Access access, IEnumerable<CustomResource> also)
    {
        var roles = access.Granted.Concat(also).ToList();
        return Run(name, "sleep 120", roles.Select(r => r.Id), null, roles);
    }
}
