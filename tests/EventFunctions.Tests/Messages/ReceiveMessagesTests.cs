using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using EventFunctions.CloudEvents;
using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Tests.Intake;

namespace EventFunctions.Tests.Messages;

public sealed class ReceiveMessagesTests
{
    private const string Body = """{"Key":"k-1","Kind":"renewed","Policy":"4711","Api_Key":"s3cret-in-the-body"}""";

    private static readonly DateTimeOffset Now = new(2026, 11, 23, 9, 30, 0, TimeSpan.Zero);

    private static readonly Producer Insurer = new()
    {
        Name = "insurer",
        Source = "/insurer",
        Messages = new()
        {
            Id = new() { Pointer = "/Key" },
            Type = new() { Pointer = "/Kind", Prefix = "policy." },
            Subject = new() { Pointer = "/Policy" },
            Remove = ["/Api_Key"],
        },
        Verification = new()
        {
            Kind = VerificationKind.Hmac,
            Signature = new() { Header = "X-Signature", Secrets = ["INSURER"] },
        },
        Types = ImmutableSortedDictionary<string, ProducerType>.Empty.Add("policy.renewed", new()),
    };

    private static readonly Producer[] Producers =
    [
        Insurer,
        Insurer with { Name = "limited", Source = "/limited", EventsPerMinute = 1 },
        Insurer with { Name = "unverified", Source = "/unverified", Verification = null },
        Insurer with { Name = "unmapped", Source = "/unmapped", Messages = null },
        Insurer with
        {
            Name = "entra",
            Source = "/entra",
            Verification = new() { Kind = VerificationKind.Entra },
            Callers = Insurer.Callers.Add("11111111-1111-1111-1111-111111111111"),
        },
        Insurer with { Name = "both", Source = "/both", Callers = Insurer.Callers.Add("11111111-1111-1111-1111-111111111111") },
    ];

    private static Task<MessageService> StartAsync(params (string Name, string Value)[] settings) =>
        MessageService.StartAsync(Producers, Now, settings.Append(("ProducerSecrets:INSURER", "sh4red-by-both-sides")).ToDictionary(s => s.Item1, s => (string?)s.Item2));

    private static (string, string) Signed(string body) =>
        ("X-Signature", Convert.ToHexStringLower(HMACSHA256.HashData("sh4red-by-both-sides"u8.ToArray(), Encoding.UTF8.GetBytes(body))));

    private static Task<Answer> PostAsync(MessageService service, string body, string name = "insurer") => service.PostAsync(name, body, Signed(body));

    [Fact]
    public async Task Five_hundred_forged_messages_are_two_lines_of_the_log()
    {
        var service = await StartAsync();
        await using (service)
        {
            for (var i = 0; i < 500; i++)
            {
                Assert.Equal(HttpStatusCode.Unauthorized, (await service.PostAsync("insurer", Body, ("X-Signature", $"{i:x64}"))).Status);
            }
        }

        var lines = service.Log.Where(line => line.Contains("Refused", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, lines.Count);
        Assert.Contains("500 times", lines[1], StringComparison.Ordinal);
        Assert.Contains("insurer", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signed_message_becomes_an_event_of_its_producer()
    {
        await using var service = await StartAsync();

        var answer = await PostAsync(service, Body);

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        Assert.Equal("""{"id":"k-1","source":"/insurer","status":"recorded","duplicate":false}""", answer.Text);
        Assert.Equal(EventPath.ForRecord(new EventKey("/insurer", "k-1")), answer.Location);
        var record = (await service.ReadAsync("/insurer", "k-1"))!;
        Assert.Equal(("policy.renewed", "4711", "insurer"), (record.Event.Type, record.Event.Subject, record.Producer));
        Assert.Equal(("recorded", "message"), (record.Timeline[0].What, record.Timeline[0].Detail));
        Assert.DoesNotContain("s3cret-in-the-body", service.StoredBytes(), StringComparison.Ordinal);
        Assert.Contains("renewed", service.StoredBytes(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_beyond_the_quota_is_put_off_and_one_that_is_not_verified_does_not_count()
    {
        await using var service = await StartAsync();

        Assert.Equal(HttpStatusCode.Unauthorized, (await service.PostAsync("limited", Body)).Status);
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync(service, Body, "limited")).Status);
        var answer = await PostAsync(service, Body, "limited");

        Assert.Equal((HttpStatusCode.TooManyRequests, "60"), (answer.Status, answer.RetryAfter));
    }

    [Fact]
    public async Task A_redelivery_is_a_duplicate_even_with_another_key_and_other_content_is_a_conflict_at_its_place()
    {
        await using var service = await StartAsync();
        await PostAsync(service, Body);

        var again = await PostAsync(service, Body.Replace("s3cret-in-the-body", "rotated", StringComparison.Ordinal));
        var other = await PostAsync(service, Body.Replace("4711", "4712", StringComparison.Ordinal));

        Assert.True(again.Json.GetProperty("duplicate").GetBoolean());
        other.AssertProblem(HttpStatusCode.Conflict, "#/Key");
        Assert.Equal(1, await service.CountAsync());
    }

    [Fact]
    public async Task Whoever_is_not_the_producer_gets_one_answer_that_tells_no_names()
    {
        await using var service = await StartAsync();

        Answer[] answers =
        [
            await PostAsync(service, Body, "nobody"),
            await PostAsync(service, Body, "unverified"),
            await PostAsync(service, Body, "unmapped"),
            await PostAsync(service, Body, "entra"),
            await PostAsync(service, Body, "both"),
            await service.PostAsync("insurer", Body),
            await service.PostAsync("insurer", Body, Signed(Body + " ")),
        ];

        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.Unauthorized, answers[0].Text), (answer.Status, answer.Text)));
        Assert.Equal(0, await service.CountAsync());
        Assert.Contains(service.Log, line => line.Contains("insurer", StringComparison.Ordinal) && line.Contains("X-Signature", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Neither_the_secrets_nor_what_is_removed_is_ever_logged()
    {
        await using var service = await StartAsync();

        await PostAsync(service, Body);
        await PostAsync(service, Body.Replace("renewed", "unknown", StringComparison.Ordinal));
        await PostAsync(service, Body[..^1]);
        await service.PostAsync("insurer", Body, ("X-Signature", "s1gnature"));

        Assert.DoesNotContain(service.Log, line => line.Contains("s3cret-in-the-body", StringComparison.Ordinal));
        Assert.DoesNotContain(service.Log, line => line.Contains("sh4red-by-both-sides", StringComparison.Ordinal));
        Assert.DoesNotContain(service.Log, line => line.Contains("s1gnature", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_wrong_with_a_message_is_told_in_the_words_of_the_message()
    {
        await using var service = await StartAsync();

        (await PostAsync(service, """{"Kind":"renewed"}""")).AssertProblem(HttpStatusCode.BadRequest, "#/Key");
        (await PostAsync(service, """{"Key":"1","Kind":"surrendered"}""")).AssertProblem(HttpStatusCode.BadRequest, "#/Kind");
        (await PostAsync(service, """{"Key":"1","Kind":"renewed","a":1,"a":1}""")).AssertProblem(HttpStatusCode.BadRequest, "#/a");
        Assert.Equal(0, await service.CountAsync());
    }

    [Fact]
    public async Task A_body_over_one_megabyte_is_refused_before_anybody_asks_whose_it_is()
    {
        await using var service = await StartAsync();
        var large = $$"""{"Key":"1","Kind":"renewed","pad":"{{new string('x', 1_048_576)}}"}""";

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync(service, large)).Status);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await service.PostAsync("nobody", large)).Status);

        // Without a length that is declared, it has to be read to its end for that.
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await service.PostAsync("nobody", large, ("Transfer-Encoding", "chunked"))).Status);
    }

    [Fact]
    public async Task A_message_that_only_grows_too_large_for_Event_Grid_is_refused_whole()
    {
        await using var service = await StartAsync();

        (await PostAsync(service, $$"""{"Key":"1","Kind":"renewed","pad":"{{new string('x', 1_000_000)}}"}""")).AssertProblem(HttpStatusCode.RequestEntityTooLarge, "#");
    }

    [Theory]
    [InlineData("Content-Type", "text/xml")]
    [InlineData("Content-Type", "application/json; charset=utf-16")]
    [InlineData("Content-Encoding", "gzip")]
    public async Task What_is_not_plain_JSON_is_not_read(string header, string value)
    {
        await using var service = await StartAsync();

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await service.PostAsync("insurer", Body, Signed(Body), (header, value))).Status);
    }

    [Theory]
    [InlineData("11111111-1111-1111-1111-111111111111", "True", HttpStatusCode.Accepted)]
    [InlineData("22222222-2222-2222-2222-222222222222", "True", HttpStatusCode.Unauthorized)]
    [InlineData("11111111-1111-1111-1111-111111111111", "False", HttpStatusCode.Unauthorized)]
    [InlineData("11111111-1111-1111-1111-111111111111", "", HttpStatusCode.Unauthorized)]
    public async Task A_principal_counts_only_where_the_platform_vouches_for_it(string principal, string platform, HttpStatusCode expected)
    {
        await using var service = await StartAsync(("WEBSITE_AUTH_ENABLED", platform));

        Assert.Equal(expected, (await service.PostAsync("entra", Body, ("X-MS-CLIENT-PRINCIPAL-IDP", "aad"), ("X-MS-CLIENT-PRINCIPAL-ID", principal))).Status);
    }
}
