using System.Globalization;
using System.Text;
using CsCheck;

namespace EventFunctions.Tests.Intake;

/// <summary>A JSON value that can be spelled in many ways.</summary>
internal abstract record SpelledJson
{
    private static Gen<string> AnyText { get; } = Gen.OneOf(
        Gen.String[Gen.Char.AlphaNumeric, 0, 6],
        Gen.OneOf("\"", "\\", "/", "\n\u0001", "ä", "\u2028", "\ufb33", "😂", "\u007f", "</script>"));

    private static Gen<SpelledJson> Leaf { get; } = Gen.OneOf(
        AnyText.Select(text => (SpelledJson)new String(text)),
        Gen.Select(Gen.Long, Gen.Int[-40, 40]).Select((digits, exponent) => (SpelledJson)new Number(digits, exponent)),
        Gen.OneOf("true", "false", "null").Select(name => (SpelledJson)new Literal(name)));

    public static Gen<SpelledJson> Value { get; } = Gen.Recursive<SpelledJson>((depth, inner) => depth >= 3 ? Leaf : Gen.OneOf(
        Leaf,
        inner.Array[0, 4].Select(items => (SpelledJson)new List(items)),
        Gen.Dictionary(AnyText, inner)[0, 5].Select(members => (SpelledJson)new Object(members))));

    public string Spell(Random random)
    {
        var output = new StringBuilder();
        Write(output, random);
        return output.ToString();
    }

    protected abstract void Write(StringBuilder output, Random random);

    private static void Space(StringBuilder output, Random random)
    {
        while (random.Next(3) == 0)
        {
            output.Append(" \t\r\n"[random.Next(4)]);
        }
    }

    private static void Quote(string text, StringBuilder output, Random random)
    {
        output.Append('"');
        foreach (var rune in text.EnumerateRunes())
        {
            output.Append(rune.Value switch
            {
                '"' or '\\' when random.Next(2) == 0 => $"\\{rune}",
                '/' when random.Next(2) == 0 => "\\/",
                '\n' when random.Next(2) == 0 => "\\n",
                _ when rune.Value is '"' or '\\' or < ' ' || random.Next(4) == 0 => string.Concat(rune.ToString().Select(c => $"\\u{(int)c:x4}")),
                _ => rune.ToString(),
            });
        }

        output.Append('"');
    }

    private sealed record Literal(string Name) : SpelledJson
    {
        protected override void Write(StringBuilder output, Random random) => output.Append(Name);
    }

    private sealed record String(string Text) : SpelledJson
    {
        protected override void Write(StringBuilder output, Random random) => Quote(Text, output, random);
    }

    private sealed record Number(long Digits, int Exponent) : SpelledJson
    {
        protected override void Write(StringBuilder output, Random random)
        {
            var digits = Digits.ToString(CultureInfo.InvariantCulture) + (Digits == 0 ? "" : new string('0', random.Next(3)));
            var exponent = Exponent - (digits.Length - Digits.ToString(CultureInfo.InvariantCulture).Length);
            var decimals = random.Next(digits.TrimStart('-').Length);
            if (decimals > 0)
            {
                digits = $"{digits[..^decimals]}.{digits[^decimals..]}";
            }

            output.Append(CultureInfo.InvariantCulture, $"{digits}{(random.Next(2) == 0 ? 'e' : 'E')}{exponent + decimals}");
        }
    }

    private sealed record List(SpelledJson[] Items) : SpelledJson
    {
        protected override void Write(StringBuilder output, Random random)
        {
            output.Append('[');
            for (var i = 0; i < Items.Length; i++)
            {
                output.Append(i == 0 ? "" : ",");
                Space(output, random);
                Items[i].Write(output, random);
                Space(output, random);
            }

            output.Append(']');
        }
    }

    private sealed record Object(Dictionary<string, SpelledJson> Members) : SpelledJson
    {
        protected override void Write(StringBuilder output, Random random)
        {
            var members = Members.ToArray();
            random.Shuffle(members);
            output.Append('{');
            for (var i = 0; i < members.Length; i++)
            {
                output.Append(i == 0 ? "" : ",");
                Space(output, random);
                Quote(members[i].Key, output, random);
                Space(output, random);
                output.Append(':');
                Space(output, random);
                members[i].Value.Write(output, random);
                Space(output, random);
            }

            output.Append('}');
        }
    }
}
