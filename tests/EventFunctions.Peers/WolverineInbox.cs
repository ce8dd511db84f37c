using Wolverine;
using Wolverine.Postgresql;
using Wolverine.Sqlite;

namespace EventFunctions.Peers;

/// <summary>Wolverine's durable local queue: the message is stored before the response, and handled from there.</summary>
internal sealed class WolverineInbox(bool isPostgreSql) : IPeer
{
    public void Configure(WebApplicationBuilder builder, string connection) => builder.Host.UseWolverine(options =>
    {
        if (isPostgreSql)
        {
            options.PersistMessagesWithPostgresql(connection);
        }
        else
        {
            options.PersistMessagesWithSqlite(connection);
        }

        options.UseRuntimeCompilation();
        options.Durability.Mode = DurabilityMode.Solo;
        options.Policies.UseDurableLocalQueues();
    });

    public async Task AcceptAsync(IServiceProvider services, string body) => await services.GetRequiredService<IMessageBus>().PublishAsync(new Received(body));
}

/// <summary>An event.</summary>
public sealed record Received(string Body);

/// <summary>Handles events.</summary>
public static class ReceivedHandler
{
    /// <summary>Counts the event.</summary>
    public static void Handle(Received message) => Completed.Add();
}
