using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Azure;
using Azure.Messaging;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Azure.Functions.Worker;

namespace RenewalLetters;

/// <summary>Orders the letter that tells a policy's holder of its renewal: one for each renewal, however often it is told of.</summary>
/// <param name="orders">Where the printers fetch their orders: one blob each.</param>
public sealed class OrderLetter(BlobContainerClient orders)
{
    private const string Renewed = "policy.renewed.enriched";

    // curl http://localhost:7073/runtime/webhooks/EventGrid?functionName=OrderLetter \
    //   -H 'aeg-event-type: Notification' -H 'Content-Type: application/cloudevents+json' -d '{"specversion":"1.0",
    //   "id":"1:enriched","source":"/insurance/policies","type":"policy.renewed.enriched","causationid":"1","data":
    //   {"policy":"policy-42","premium":512.40,"holder":{"name":"Ada Ito","address":{"street":"Lindenweg 1","postcode":"8001","city":"Zürich","country":"CH"}}}}'
    /// <summary>Runs for each event. What it throws makes Event Grid deliver again, and in the end keep the event as a dead letter.</summary>
    /// <param name="renewed">The enriched event: its data is the policy.</param>
    /// <param name="cancellationToken">Set when the host stops.</param>
    [Function(nameof(OrderLetter))]
    public async Task RunAsync([EventGridTrigger] CloudEvent renewed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(renewed);
        if (renewed.Type != Renewed)
        {
            return;
        }

        try
        {
            // The name makes it one letter: whoever comes second finds it taken, be it a repeat or the same event at the same time.
            await orders.GetBlobClient(Name(renewed)).UploadAsync(
                BinaryData.FromBytes(Order(renewed)),
                new BlobUploadOptions
                {
                    HttpHeaders = new BlobHttpHeaders { ContentType = "application/json" },
                    Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All },
                },
                cancellationToken);
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.BlobAlreadyExists)
        {
            // Ordered before.
        }
    }

    // By the event that started it all, so that a replay of that, whose enriched event has an ID of its own, sends no second letter.
    private static string Name(CloudEvent renewed)
    {
        var cause = renewed.ExtensionAttributes.TryGetValue("causationid", out var id) ? id : renewed.Id;
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{renewed.Source}\n{cause}"))) + ".json";
    }

    private static byte[] Order(CloudEvent renewed)
    {
        // Above 1 MB an enriched event has `dataref` instead of data; a policy is never that large.
        using var policy = JsonDocument.Parse(renewed.Data ?? throw new InvalidDataException($"{renewed.Id} has no data."));
        var holder = policy.RootElement.GetProperty("holder");
        return JsonSerializer.SerializeToUtf8Bytes(new
        {
            template = "policy-renewed",
            policy = renewed.Subject ?? policy.RootElement.GetProperty("policy").GetString(),
            to = holder.GetProperty("name").GetString(),
            address = holder.GetProperty("address"),

            // As it came, to the last digit.
            premium = policy.RootElement.GetProperty("premium"),
        });
    }
}
