using System.Buffers;
using System.Text.Json;
using EventFunctions.Filters;
using EventFunctions.Infra.Configuration;
using Pulumi;
using Pulumi.AzureNative.EventGrid;
using Pulumi.AzureNative.EventGrid.Inputs;
using BlobContainer = Pulumi.AzureNative.Storage.BlobContainer;

namespace EventFunctions.Infra.Components;

/// <summary>Who gets what is published: the function that brings events through, and the consumers, each with a dead-letter container of its own.</summary>
internal sealed class Subscriptions : ComponentResource
{
    /// <summary>The subscription whose dead letters change a record's status.</summary>
    public const string Enrichment = "enrichment";

    private readonly StackSettings _settings;
    private readonly EventTopic _topic;
    private readonly ServiceStorage _storage;
    private readonly Access _access;
    private readonly Dictionary<string, BlobContainer> _deadLetters = [];

    /// <summary>Makes the dead-letter containers, and lets the topic write there and to the consumers.</summary>
    public Subscriptions(StackSettings settings, EventTopic topic, ServiceStorage storage, Access access)
        : base("eventfunctions:infra:Subscriptions", "subscriptions")
    {
        (_settings, _topic, _storage, _access) = (settings, topic, storage, access);
        foreach (var name in settings.Consumers.Select(c => c.Name).Prepend(Enrichment))
        {
            var container = storage.DeadLetters(name);
            _deadLetters.Add(name, container);
            access.Grant($"{name}-dead-letters-role", Role.StorageBlobDataContributor, container.Id, topic.Principal, this);
        }

        foreach (var consumer in settings.Consumers)
            AllowDelivery(consumer);
    }

    /// <summary>Lets an identity read the dead letters of all subscriptions.</summary>
    /// <param name="principal">The identity's principal ID.</param>
    public void GrantDeadLetters(Output<string> principal)
    {
        foreach (var (name, container) in _deadLetters)
            _access.Grant($"{name}-dead-letters-reader", Role.StorageBlobDataReader, container.Id, principal, this);
    }

    /// <summary>Subscribes the function that brings events through: webhooks, full data, enriched event.</summary>
    /// <param name="function">The function's resource ID.</param>
    /// <param name="after">What must be done before, the deployment of the code first of all: Event Grid asks the function.</param>
    public EventSubscription SubscribeEnrichment(Output<string> function, IEnumerable<Resource> after) => new(
        Enrichment,
        Describe(
            Enrichment,
            new EventSubscriptionFilterArgs
            {
                // What the service publishes itself is for consumers only.
                AdvancedFilters = new object[]
                {
                    new StringNotEndsWithAdvancedFilterArgs { OperatorType = "StringNotEndsWith", Key = "type", Values = { ".enriched" } },
                    NotOperational,
                },
            },
            new AzureFunctionEventSubscriptionDestinationArgs
            {
                EndpointType = "AzureFunction",
                ResourceId = function,
                // One event, one answer: an event that fails is delivered again alone.
                MaxEventsPerBatch = 1,
                PreferredBatchSizeInKilobytes = 64,
            },
            asTopic: false),
        new() { Parent = this, DependsOn = after.ToArray() });

    /// <summary>Subscribes the consumers.</summary>
    /// <param name="after">What must be done before.</param>
    public IReadOnlyList<EventSubscription> SubscribeConsumers(IEnumerable<Resource> after)
    {
        var before = after.ToArray();
        return
        [
            .. _settings.Consumers.Select(c => new EventSubscription(
                c.Name,
                Describe(c.Name, Filter(c), Destination(c), asTopic: c.Kind != ConsumerKind.Webhook),
                new() { Parent = this, DependsOn = before })),
        ];
    }

    // What the service says of itself is no event of a producer's.
    private static StringNotBeginsWithAdvancedFilterArgs NotOperational =>
        new() { OperatorType = "StringNotBeginsWith", Key = "type", Values = { "eventfunctions." } };

    private void AllowDelivery(Consumer consumer)
    {
        if (consumer.Kind == ConsumerKind.Webhook)
            return;

        // A storage queue's role is given on the queue alone.
        var queue = consumer.Kind == ConsumerKind.StorageQueue ? $"/queueServices/default/queues/{consumer.Queue}" : "";
        var role = consumer.Kind == ConsumerKind.StorageQueue ? Role.StorageQueueDataMessageSender : Role.ServiceBusDataSender;
        _access.Grant($"{consumer.Name}-delivery-role", role, Output.Create(consumer.ResourceId + queue), _topic.Principal, this);
    }

    private EventSubscriptionArgs Describe(string name, EventSubscriptionFilterArgs filter, object destination, bool asTopic)
    {
        var args = new EventSubscriptionArgs
        {
            EventSubscriptionName = name,
            Scope = _topic.Topic.Id,
            EventDeliverySchema = EventDeliverySchema.CloudEventSchemaV1_0,
            Filter = filter,
            RetryPolicy = new RetryPolicyArgs
            {
                EventTimeToLiveInMinutes = _settings.SubscriptionTimeToLiveHours * 60,
                MaxDeliveryAttempts = _settings.MaxDeliveryAttempts,
            },
            DeadLetterWithResourceIdentity = DeadLetters.To(_storage.Account, _deadLetters[name]),
        };
        if (asTopic)
            args.DeliveryWithResourceIdentity = new DeliveryWithResourceIdentityArgs { Identity = DeadLetters.Identity, Destination = destination };
        else
            args.Destination = destination;

        return args;
    }

    private static EventSubscriptionFilterArgs Filter(Consumer consumer)
    {
        var filter = new EventSubscriptionFilterArgs { AdvancedFilters = AsEventGridSpellsThem(consumer) };
        if (consumer.SubjectBeginsWith is { } subject)
            filter.SubjectBeginsWith = subject;

        foreach (var type in consumer.Types)
            filter.IncludedEventTypes.Add(type);

        return filter;
    }

    private static object[] AsEventGridSpellsThem(Consumer consumer)
    {
        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
            FilterJson.Write(writer, consumer.ReadFilters([]));

        return [.. JsonElement.Parse(json.WrittenSpan).EnumerateArray().Select(f => Plain(f)!)];
    }

    private static object Destination(Consumer consumer) => consumer.Kind switch
    {
        ConsumerKind.Webhook => new WebHookEventSubscriptionDestinationArgs
        {
            EndpointType = "WebHook",
            EndpointUrl = Output.CreateSecret(consumer.Endpoint!),
            MinimumTlsVersionAllowed = TlsVersion.TlsVersion_1_2,
            MaxEventsPerBatch = 1,
        },
        ConsumerKind.StorageQueue => new StorageQueueEventSubscriptionDestinationArgs
        {
            EndpointType = "StorageQueue",
            ResourceId = consumer.ResourceId!,
            QueueName = consumer.Queue!,
        },
        ConsumerKind.ServiceBusQueue => new ServiceBusQueueEventSubscriptionDestinationArgs
        {
            EndpointType = "ServiceBusQueue",
            ResourceId = consumer.ResourceId!,
        },
        _ => new ServiceBusTopicEventSubscriptionDestinationArgs
        {
            EndpointType = "ServiceBusTopic",
            ResourceId = consumer.ResourceId!,
        },
    };

    // JSON as the dictionaries and lists that Pulumi takes as it is.
    private static object? Plain(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().ToDictionary(p => p.Name, p => Plain(p.Value)),
        JsonValueKind.Array => json.EnumerateArray().Select(Plain).ToList(),
        JsonValueKind.String => json.GetString(),
        JsonValueKind.Number => json.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };
}
