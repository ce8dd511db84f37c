using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace EventFunctions.Local.SampleProducer;

/// <summary>Generated insurance policies: the same policy for the same number, every time.</summary>
public static class PolicyDocument
{
    private const string SubjectPrefix = "policy-";

    private static readonly string[] FirstNames = ["Ada", "Bruno", "Carmen", "David", "Elif", "Farid", "Greta", "Hana", "Ivan", "Julia", "Kofi", "Lena", "Mateo", "Nora", "Olga", "Paulo"];
    private static readonly string[] LastNames = ["Almeida", "Berger", "Costa", "Dubois", "Eriksen", "Fischer", "Garcia", "Haddad", "Ito", "Jansen", "Keller", "Lindt", "Moreau", "Novak", "Okafor", "Petrov"];
    private static readonly string[] Streets = ["Bahnhofstrasse", "Lindenweg", "Rue de la Gare", "Via Roma", "High Street", "Seefeldquai", "Market Square", "Kirchgasse"];
    private static readonly string[] Cities = ["Zürich", "Bern", "Genève", "Lugano", "Basel", "Luzern", "Lausanne", "St. Gallen"];
    private static readonly string[] Products = ["household", "motor", "travel", "liability", "legal", "cyber"];
    private static readonly string[] Coverages = ["fire", "theft", "water", "glass", "liability", "assistance", "natural hazards", "accident"];

    /// <summary>Reads a subject of the form <c>policy-&lt;number&gt;</c>.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="number">Its number, at most 18 digits.</param>
    public static bool TryParseSubject(string subject, out long number)
    {
        number = 0;
        return subject.StartsWith(SubjectPrefix, StringComparison.Ordinal)
            && subject.Length is > 7 and <= 25
            && long.TryParse(subject.AsSpan(SubjectPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>The subject of a policy.</summary>
    /// <param name="number">Its number.</param>
    public static string Subject(long number) => string.Create(CultureInfo.InvariantCulture, $"{SubjectPrefix}{number}");

    /// <summary>The strong ETag of a policy.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="revision">How often it has changed.</param>
    public static string ETag(long number, int revision = 0) => string.Create(CultureInfo.InvariantCulture, $"\"{number}-{1 + revision}\"");

    /// <summary>Writes a policy as JSON, about 1 KB.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="output">Where to.</param>
    /// <param name="revision">How often it has changed: each time the premium rises.</param>
    public static void Write(long number, IBufferWriter<byte> output, int revision = 0)
    {
        var dice = new Dice((ulong)number);
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartObject();
        json.WriteString("policy"u8, Subject(number));
        json.WriteString("product"u8, dice.Pick(Products));
        json.WriteString("status"u8, "active"u8);
        WriteHolder(json, ref dice);
        var start = new DateOnly(2019, 1, 1).AddDays(dice.Next(365 * 7));
        json.WriteString("start"u8, start.ToString("O", CultureInfo.InvariantCulture));
        json.WriteString("end"u8, start.AddYears(1 + dice.Next(5)).ToString("O", CultureInfo.InvariantCulture));
        WriteAmount(json, "premium"u8, 120 + dice.Next(3_000) + (10 * revision), dice.Next(20) * 5);
        json.WriteString("billing"u8, dice.Next(2) == 0 ? "yearly"u8 : "monthly"u8);
        WriteCoverages(json, ref dice);
        json.WriteString("agency"u8, $"A-{100 + dice.Next(900)}");
        json.WriteString("remarks"u8, "Sample data. Any resemblance to a real policy is coincidental.");
        json.WriteEndObject();
    }

    private static void WriteHolder(Utf8JsonWriter json, ref Dice dice)
    {
        json.WriteStartObject("holder"u8);
        json.WriteString("name"u8, $"{dice.Pick(FirstNames)} {dice.Pick(LastNames)}");
        json.WriteString("born"u8, new DateOnly(1940, 1, 1).AddDays(dice.Next(365 * 65)).ToString("O", CultureInfo.InvariantCulture));
        json.WriteStartObject("address"u8);
        json.WriteString("street"u8, $"{dice.Pick(Streets)} {1 + dice.Next(150)}");
        json.WriteString("postcode"u8, $"{1000 + dice.Next(8_900)}");
        json.WriteString("city"u8, dice.Pick(Cities));
        json.WriteString("country"u8, "CH"u8);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteCoverages(Utf8JsonWriter json, ref Dice dice)
    {
        json.WriteStartArray("coverages"u8);
        var first = dice.Next(Coverages.Length);
        for (var i = 0; i < 4; i++)
        {
            json.WriteStartObject();
            json.WriteString("peril"u8, Coverages[(first + i) % Coverages.Length]);
            WriteAmount(json, "limit"u8, 5_000 * (1 + dice.Next(60)), 0);
            WriteAmount(json, "deductible"u8, 100 * dice.Next(11), 0);
            json.WriteBoolean("worldwide"u8, dice.Next(4) == 0);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteAmount(Utf8JsonWriter json, ReadOnlySpan<byte> name, int francs, int rappen)
    {
        json.WriteStartObject(name);
        json.WriteNumber("amount"u8, francs + (rappen / 100m));
        json.WriteString("currency"u8, "CHF"u8);
        json.WriteEndObject();
    }

    // SplitMix64: its sequence is the same on every runtime, which Random does not promise.
    private struct Dice(ulong seed)
    {
        private ulong _state = seed;

        public int Next(int below)
        {
            _state += 0x9E3779B97F4A7C15;
            var z = _state;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return (int)((z ^ (z >> 31)) % (ulong)below);
        }

        public string Pick(string[] from) => from[Next(from.Length)];
    }
}
