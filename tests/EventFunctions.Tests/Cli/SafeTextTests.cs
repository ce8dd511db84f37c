using EventFunctions.Cli.Terminal;
using EventFunctions.Telemetry;

namespace EventFunctions.Tests.Cli;

public sealed class SafeTextTests
{
    [Theory]
    [InlineData("plain text 1.0 ~", "plain text 1.0 ~")]
    [InlineData("Grüße, שלום, 日本, 👩\u200D👧", "Grüße, שלום, 日本, 👩\u200D👧")]
    [InlineData("\u001B[31mred\u001B]0;title\u0007", "\\u001B[31mred\\u001B]0;title\\u0007")]
    [InlineData("a\r\nb\tc\b\u007F", "a\\u000D\\u000Ab\\u0009c\\u0008\\u007F")]
    [InlineData("\u009B2J\u0085", "\\u009B2J\\u0085")]
    [InlineData("\u202Etxt.exe\u2066 \u200F\u2028\uFEFF", "\\u202Etxt.exe\\u2066 \\u200F\\u2028\\uFEFF")]
    [InlineData("\U000E0041", "\\uDB40\\uDC41")]
    public void What_would_do_something_to_a_terminal_is_shown_and_not_done(string text, string shown) => Assert.Equal(shown, SafeText.Of(text));

    [Fact]
    public void Half_a_surrogate_pair_is_shown_as_something_unknown() => Assert.Equal("a\uFFFDb", SafeText.Of("a\uD800b"));

    [Theory]
    [InlineData("""{ "a" : [ 1.000000000000000000000000000001, 1E+2 ,{} , [ ] ] }""", """{"a":[1.000000000000000000000000000001,1E+2,{},[]]}""")]
    [InlineData("""{"a b": "c , : { \" \\", "d": "\u001b\ud800"}""", """{"a b":"c , : { \" \\","d":"\u001b\ud800"}""")]
    [InlineData("\"\u009B\u202E\"", "\"\\u009B\\u202E\"")]
    [InlineData("""[1,1,{"a":1,"a":2}]""", """[1,1,{"a":1,"a":2}]""")]
    public void Json_on_one_line_is_what_it_was(string json, string line) => Assert.Equal(line, JsonText.OneLine(json));

    [Fact]
    public void Json_for_a_person_has_a_line_for_each_value() => Assert.Equal(
        """
        {
          "a": [
            1,
            "x,y"
          ],
          "b": {},
          "c": []
        }
        """.ReplaceLineEndings(),
        JsonText.Indented("""{"a":[1,"x,y"],"b":{ },"c":[]}"""));
}
