using System.Buffers.Text;
using CsCheck;
using EventFunctions.Queries;
using EventFunctions.Records;
using EventFunctions.Storage;
using Microsoft.Extensions.Options;

namespace EventFunctions.Tests.Consumption;

public sealed class ContinuationTokenTests
{
    private static readonly EventFilter Filter = new()
    {
        Status = EventStatus.Failed | EventStatus.DeadLettered,
        Source = "/s",
        From = new DateTimeOffset(2026, 1, 31, 8, 30, 0, TimeSpan.FromHours(2)),
    };

    private static readonly IReadOnlyList<string?> Query = ContinuationToken.FiltersOf(Filter);

    private readonly ContinuationToken _tokens = Create(7);

    private static ContinuationToken Create(byte key) =>
        new(Options.Create(new ApiOptions { ContinuationKey = Convert.ToBase64String(Enumerable.Repeat(key, 32).ToArray()) }));

    [Fact]
    public void A_token_leads_back_to_the_stores_continuation() =>
        Gen.String.Where(text => !text.Any(char.IsSurrogate)).Sample(continuation => _tokens.Unprotect(Query, _tokens.Protect(Query, continuation)) == continuation);

    [Fact]
    public void It_holds_for_the_same_filters_whatever_the_time_zone()
    {
        var token = _tokens.Protect(Query, "next");

        Assert.Equal("next", _tokens.Unprotect(ContinuationToken.FiltersOf(Filter with { From = Filter.From!.Value.ToUniversalTime() }), token));
    }

    [Fact]
    public void It_holds_for_no_other_filters()
    {
        var token = _tokens.Protect(Query, "next");

        Assert.All(
            [
                Filter with { Status = EventStatus.Failed },
                Filter with { Status = null },
                Filter with { Source = "/t" },
                Filter with { Source = null, Type = "/s" },
                Filter with { Subject = "" },
                Filter with { From = null, To = Filter.From },
                Filter with { From = Filter.From!.Value.AddTicks(1) },
                new EventFilter(),
            ],
            other => Assert.Null(_tokens.Unprotect(ContinuationToken.FiltersOf(other), token)));
    }

    [Fact]
    public void A_token_of_another_key_is_worth_nothing() => Assert.Null(Create(8).Unprotect(Query, _tokens.Protect(Query, "next")));

    [Fact]
    public void No_changed_character_goes_unnoticed()
    {
        var token = _tokens.Protect(Query, "next page");

        for (var i = 0; i < token.Length; i++)
        {
            foreach (var replacement in "A_z")
            {
                var changed = string.Concat(token.AsSpan(0, i), [replacement], token.AsSpan(i + 1));
                Assert.True(changed == token || _tokens.Unprotect(Query, changed) is null, changed);
            }

            Assert.Null(_tokens.Unprotect(Query, token[..i]));
            Assert.Null(_tokens.Unprotect(Query, token.Insert(i, "A")));
        }
    }

    [Fact]
    public void Anything_else_is_refused_without_an_exception()
    {
        Gen.String.Sample(text => _tokens.Unprotect(Query, text) is null, iter: 2_000);
        Gen.Byte.Array[0, 100].Sample(bytes => _tokens.Unprotect(Query, Base64Url.EncodeToString(bytes)) is null, iter: 2_000);
        Assert.Null(_tokens.Unprotect(Query, new string('A', 1_000_000)));
        Assert.Null(_tokens.Unprotect(Query, _tokens.Protect(Query, "next") + "=="));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("not base64!")]
    [InlineData("c2hvcnQ=")]
    public void A_key_that_is_missing_or_too_short_is_named_at_start(string? key)
    {
        var e = Assert.Throws<OptionsValidationException>(() => new ContinuationToken(Options.Create(new ApiOptions { ContinuationKey = key })));

        Assert.Contains("ContinuationKey", e.Message, StringComparison.Ordinal);
    }
}
