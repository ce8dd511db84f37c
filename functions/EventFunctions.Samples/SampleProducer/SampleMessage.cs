using System.Security.Cryptography;
using System.Text;

namespace EventFunctions.Local.SampleProducer;

/// <summary>A message as insurers' systems send it, not a CloudEvent.</summary>
public static class SampleMessage
{
    /// <summary>The header that holds its signature.</summary>
    public const string SignatureHeader = "X-Signature";

    /// <summary>The path to send it to, below the functions' URL.</summary>
    public const string Path = $"api/producers/{SampleProducers.InsurerName}/events";

    /// <summary>Writes a message that a policy was renewed.</summary>
    /// <param name="id">What becomes the event's ID; it needs no escapes in JSON.</param>
    /// <param name="policy">The policy's number.</param>
    public static string Renewal(string id, long policy) =>
        $$"""{"Event_Type":"RENEWAL","Policy":"{{policy}}","Source_Req_Key":"{{id}}","Api_Key":"is-not-kept"}""";

    /// <summary>Signs a message: HMAC-SHA-256 in hexadecimal digits.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="message">The message.</param>
    public static string Sign(string secret, string message) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(message)));
}
