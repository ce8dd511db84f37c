using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using EventFunctions.CloudEvents;

namespace EventFunctions.Tests.Intake;

public sealed class CanonicalJsonTests
{
    private static string Canonical(string json)
    {
        var output = new ArrayBufferWriter<byte>();
        CanonicalJson.Write(Encoding.UTF8.GetBytes(json), output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    // The test data that RFC 8785 refers to (appendix F).
    [Theory]
    [InlineData("""[ 56, { "d": true, "10": null, "1": [ ] } ]""", """[56,{"1":[],"10":null,"d":true}]""")]
    [InlineData(
        """{ "peach": "a", "péché": "b", "pêche": "c", "sin": "d" }""",
        """{"peach":"a","péché":"b","pêche":"c","sin":"d"}""")]
    [InlineData(
        """{ "1": {"f": {"f": "hi","F": 5} ,"\n": 56.0}, "10": { }, "": "empty", "a": { }, "111": [ {"e": "yes","E": "no" } ], "A": { } }""",
        """{"":"empty","1":{"\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{"E":"no","e":"yes"}],"A":{},"a":{}}""")]
    [InlineData("{\"Unnormalized Unicode\":\"A\\u030a\"}", "{\"Unnormalized Unicode\":\"A\u030a\"}")]
    [InlineData(
        """{ "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false] }""",
        """{"literals":[null,true,false],"string":"€$\u000f\nA'B\"\\\\\"/"}""")]
    [InlineData(
        """{ "\u20ac": 1, "\r": 2, "\u000a": 3, "1": 4, "\u0080": "\u007f", "\ud83d\ude02": 5, "\u00f6": 6, "\ufb33": 7, "</script>": 8 }""",
        "{\"\\n\":3,\"\\r\":2,\"1\":4,\"</script>\":8,\"\u0080\":\"\u007f\",\"ö\":6,\"€\":1,\"😂\":5,\"\ufb33\":7}")]
    public void The_RFCs_examples_come_out_as_it_says(string json, string canonical) => Assert.Equal(canonical, Canonical(json));

    // RFC 8785, appendix B.
    [Theory]
    [InlineData(0x0000000000000000, "0")]
    [InlineData(0x8000000000000000, "0")]
    [InlineData(0x0000000000000001, "5e-324")]
    [InlineData(0x8000000000000001, "-5e-324")]
    [InlineData(0x7fefffffffffffff, "1.7976931348623157e+308")]
    [InlineData(0xffefffffffffffff, "-1.7976931348623157e+308")]
    [InlineData(0x4340000000000000, "9007199254740992")]
    [InlineData(0xc340000000000000, "-9007199254740992")]
    [InlineData(0x4430000000000000, "295147905179352830000")]
    [InlineData(0x44b52d02c7e14af5, "9.999999999999997e+22")]
    [InlineData(0x44b52d02c7e14af6, "1e+23")]
    [InlineData(0x44b52d02c7e14af7, "1.0000000000000001e+23")]
    [InlineData(0x444b1ae4d6e2ef4e, "999999999999999700000")]
    [InlineData(0x444b1ae4d6e2ef4f, "999999999999999900000")]
    [InlineData(0x444b1ae4d6e2ef50, "1e+21")]
    [InlineData(0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7")]
    [InlineData(0x3eb0c6f7a0b5ed8d, "0.000001")]
    [InlineData(0x41b3de4355555553, "333333333.3333332")]
    [InlineData(0x41b3de4355555554, "333333333.33333325")]
    [InlineData(0x41b3de4355555555, "333333333.3333333")]
    [InlineData(0x41b3de4355555556, "333333333.3333334")]
    [InlineData(0x41b3de4355555557, "333333333.33333343")]
    [InlineData(0xbecbf647612f3696, "-0.0000033333333333333333")]
    [InlineData(0x43143ff3c1cb0959, "1424953923781206.2")]
    public void Doubles_come_out_as_the_RFC_says(ulong bits, string canonical) =>
        Assert.Equal(canonical, Canonical(BitConverter.UInt64BitsToDouble(bits).ToString("R", CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData("1", "1", "1.0", "1e0", "10e-1", "0.1E+1", "1.000e00")]
    [InlineData("0", "-0", "0.0", "-0.000e99", "0e99999999999999999999")]
    [InlineData("1e+30", "1E30", "1000000000000000000000000000000", "0.001e33")]
    [InlineData("123456789012345678901", "123456789012345678901.0", "1.23456789012345678901e20")]
    [InlineData("-1.5e-7", "-0.00000015", "-15E-8")]
    public void Spellings_of_one_number_are_equal(string canonical, params string[] spellings) =>
        Assert.All(spellings, spelling => Assert.Equal(canonical, Canonical(spelling)));

    [Theory]
    [InlineData("123456789012345678901234567890", "123456789012345678901234567891")]
    [InlineData("9007199254740992", "9007199254740993")]
    [InlineData("0.10000000000000000000000001", "0.1")]
    [InlineData("1e400", "1e401")]
    [InlineData("1e-400", "0")]
    [InlineData("1e99999999999999999999", "1e99999999999999999998")]
    [InlineData("333333333.33333329", "333333333.3333333")]
    public void Numbers_that_a_double_would_make_equal_stay_different(string a, string b) => Assert.NotEqual(Canonical(a), Canonical(b));

    [Fact]
    public void A_number_of_a_megabyte_costs_no_more_than_reading_it()
    {
        var digits = new string('7', 1_000_000);

        Assert.Equal($"7.{digits[1..]}e+999999", Canonical(digits));
    }

    [Fact]
    public void Order_white_space_escapes_and_number_spellings_do_not_matter() =>
        Gen.Select(SpelledJson.Value, Gen.Int, Gen.Int).Sample(
            (value, seed1, seed2) => Canonical(value.Spell(new Random(seed1))) == Canonical(value.Spell(new Random(seed2))),
            iter: 1_000);

    [Fact]
    public void The_canonical_form_is_its_own_and_means_the_same() =>
        Gen.Select(SpelledJson.Value, Gen.Int).Sample(
            (value, seed) =>
            {
                var json = value.Spell(new Random(seed));
                var canonical = Canonical(json);
                using var before = JsonDocument.Parse(json);
                using var after = JsonDocument.Parse(canonical);
                Assert.Equal(canonical, Canonical(canonical));
                Assert.True(JsonElement.DeepEquals(before.RootElement, after.RootElement));
            },
            iter: 1_000);
}
