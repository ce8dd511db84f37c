using System.Runtime.InteropServices;
using System.Text.Json;

namespace EventFunctions.CloudEvents;

/// <summary>Compares JSON values.</summary>
internal static class JsonEquality
{
    /// <summary>Whether two values are equal, numbers by their values. A number whose exponent .NET cannot hold equals only its own spelling.</summary>
    /// <exception cref="InvalidOperationException">A string holds half of a surrogate pair.</exception>
    public static bool AreEqual(JsonElement one, JsonElement other)
    {
        try
        {
            return JsonElement.DeepEquals(one, other);
        }
        catch (ArgumentOutOfRangeException)
        {
            return JsonMarshal.GetRawUtf8Value(one).SequenceEqual(JsonMarshal.GetRawUtf8Value(other));
        }
    }
}
