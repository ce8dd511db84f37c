using System.Threading.Channels;
using DotNetCore.CAP;
using DotNetCore.CAP.Messages;
using DotNetCore.CAP.Persistence;
using DotNetCore.CAP.Transport;

namespace EventFunctions.Peers;

/// <summary>CAP's outbox and inbox on PostgreSQL: the message is stored before the response, sent, stored as received, and handled from there.</summary>
internal sealed class CapOutbox : IPeer
{
    public const string Topic = "received";

    // Each stores one message at a time.
    private const int Consumers = 16;

    public void Configure(WebApplicationBuilder builder, string connection)
    {
        builder.Services.AddSingleton<CapHandler>();
        builder.Services.AddCap(options =>
        {
            options.UsePostgreSql(connection);
            options.ConsumerThreadCount = Consumers;
            options.EnablePublishParallelSend = true;
            options.EnableSubscriberParallelExecute = true;
            options.RegisterExtension(new InProcessTransport());
        });
    }

    // CAP itself creates the tables beside the first requests.
    public Task PrepareAsync(IServiceProvider services) => services.GetRequiredService<IStorageInitializer>().InitializeAsync(default);

    public Task AcceptAsync(IServiceProvider services, string body) => services.GetRequiredService<ICapPublisher>().PublishAsync(Topic, body);
}

/// <summary>Handles CAP's messages.</summary>
public sealed class CapHandler : ICapSubscribe
{
    /// <summary>Counts the event.</summary>
    [CapSubscribe(CapOutbox.Topic)]
    public void Handle(string body) => Completed.Add();
}

// Instead of a broker, which would only add to CAP's time.
internal sealed class InProcessTransport : ICapOptionsExtension, ITransport, IConsumerClientFactory, IConsumerClient
{
    private readonly Channel<TransportMessage> _sent = Channel.CreateUnbounded<TransportMessage>();
    private string _group = "";

    public BrokerAddress BrokerAddress { get; } = new("in process", "");

    public Func<TransportMessage, object?, Task>? OnMessageCallback { get; set; }

    public Action<LogMessageEventArgs>? OnLogCallback { get; set; }

    public void AddServices(IServiceCollection services)
    {
        services.AddSingleton(new CapMessageQueueMakerService("in process"));
        services.AddSingleton<ITransport>(this);
        services.AddSingleton<IConsumerClientFactory>(this);
    }

    public Task<OperateResult> SendAsync(TransportMessage message)
    {
        _sent.Writer.TryWrite(message);
        return Task.FromResult(OperateResult.Success);
    }

    public Task<IConsumerClient> CreateAsync(string groupName, byte groupConcurrent)
    {
        _group = groupName;
        return Task.FromResult<IConsumerClient>(this);
    }

    public Task SubscribeAsync(IEnumerable<string> topics) => Task.CompletedTask;

    public async Task ListeningAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        await foreach (var message in _sent.Reader.ReadAllAsync(cancellationToken))
        {
            message.Headers[Headers.Group] = _group;
            await OnMessageCallback!(message, null);
        }
    }

    public Task CommitAsync(object? sender) => Task.CompletedTask;

    public Task RejectAsync(object? sender) => Task.CompletedTask;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
