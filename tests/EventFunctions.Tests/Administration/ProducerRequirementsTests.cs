using System.Net;
using System.Text;
using System.Text.Json;
using EventFunctions.Composition;
using EventFunctions.Producers;
using EventFunctions.Producers.Registry;
using EventFunctions.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Tests.Administration;

public sealed class ProducerRequirementsTests
{
    private const string Key = "the-administration-key-of-this-host";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_definition_that_needs_what_the_settings_do_not_have_is_refused_with_the_remedy()
    {
        await using var service = await Service.StartAsync(settings:
            [("Administration:Key", Key), ("ProducerSecrets:SET", "a secret of the tests"), ("ProducerSecrets:SHORT", "short"), ("ProducerClient:AllowedNetworks:9", "10.20.0.0/16")]);
        (string Definition, string[] Faults)[] cases =
        [
            ("""{"source":"/a","data":{"baseUrl":"https://10.1.2.3/"}}""", ["#/data/baseUrl: The address 10.1.2.3 is not public."]),
            ("""{"source":"/a","data":{"baseUrl":"https://0xa010203/"}}""", ["#/data/baseUrl: The address 10.1.2.3 is not public."]),
            ("""{"source":"/a","data":{"baseUrl":"https://[fd00::1]/"}}""", ["#/data/baseUrl: The address fd00::1 is not public."]),
            ("""{"source":"/a","data":{"baseUrl":"https://a.example/","auth":{"kind":"header","header":"x","secret":"UNSET"}}}""",
                ["#/data/auth/secret: The setting ProducerSecrets:UNSET is not set."]),
            ("""{"source":"/a","messages":{"id":{"pointer":"/id"},"type":{"pointer":"/type"}},"verification":{"kind":"hmac","header":"x","secrets":["SET","NEXT"]}}""",
                ["#/verification/secrets/1: The setting ProducerSecrets:NEXT is not set."]),
            ("""{"source":"/a","preset":"typeform","verification":{"secrets":["SET","SHORT"]}}""",
                ["#/verification/secrets/1: The setting ProducerSecrets:SHORT has fewer than 16 bytes. Set it first."]),
            ("""{"source":"/a","preset":"adyen","verification":{"secrets":["SET"]}}""",
                ["#/verification/secrets/0: The setting ProducerSecrets:SET is not hexadecimal. Set it first."]),
            ("""{"source":"/a","preset":"standard-webhooks","verification":{"secrets":["SET"]}}""",
                ["#/verification/secrets/0: The setting ProducerSecrets:SET is not base64. Set it first."]),
            ("""{"source":"/a","preset":"meta","verification":{"secrets":["SET"],"challengeSecrets":["SHORT"]}}""",
                ["#/verification/challengeSecrets/0: The setting ProducerSecrets:SHORT has fewer than 16 bytes. Set it first."]),
            ("""{"source":"/a","colour":1,"data":{"baseUrl":"https://10.1.2.3/","auth":{"kind":"header","header":"x","secret":"UNSET"}}}""",
                ["#/data/baseUrl: The address 10.1.2.3", "#/data/auth/secret: The setting ProducerSecrets:UNSET", "#/colour: Unknown property."]),
            ("""{"source":"/a","preset":"githb","verification":{"secrets":["SET"]}}""", ["#/preset: Unknown preset."]),
            ("""{"source":"/a","data":{"baseUrl":"https://a.example:0/"}}""",
                ["#/data/baseUrl: A base URL must not have port 0"]),
            ("""{"source":"/a","data":{"baseUrl":"https://a.example/","auth":{"kind":"header","header":"x","secret":"SHORT"}}}""", []),
            ("""{"source":"/a","data":{"baseUrl":"https://10.20.2.3/","auth":{"kind":"header","header":"x","secret":"SET"}}}""", []),
            ("""{"source":"/a","data":{"baseUrl":"https://policies.example/"}}""", []),
        ];

        for (var i = 0; i < cases.Length; i++)
        {
            var (status, faults) = await PutAsync(service, $"p{i}", cases[i].Definition.Replace("\"/a\"", $"\"/{i}\"", StringComparison.Ordinal));
            Assert.Equal(cases[i].Faults.Length == 0 ? HttpStatusCode.Created : HttpStatusCode.BadRequest, status);
            Assert.Equal(cases[i].Faults.Length, faults.Count);
            Assert.All(cases[i].Faults.Zip(faults), pair => Assert.StartsWith(pair.First, pair.Second, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task What_a_producer_in_the_settings_lacks_is_logged_at_start_and_stops_nothing()
    {
        var log = new ListLogger<FixedProducerCheck>();
        await using var service = await Service.StartAsync(settings:
        [
            ("Producers:lost:name", "lost"), ("Producers:lost:source", "/lost"), ("Producers:lost:data:baseUrl", "http://192.168.7.7/"),
        ]);

        await new FixedProducerCheck(
            service.Host.Services.GetRequiredService<FixedProducers>(), service.Host.Services.GetRequiredService<ProducerRequirements>(), log).StartAsync(Stop);

        var (level, text) = Assert.Single(log.Lines.Select(line => (line.Level, line.Text)));
        Assert.Equal(LogLevel.Warning, level);
        Assert.StartsWith("The producer lost cannot work: #/data/baseUrl: The address 192.168.7.7 is not public.", text, StringComparison.Ordinal);
        using var health = await service.Client.GetAsync("/api/health", Stop);
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    private static async Task<(HttpStatusCode Status, List<string> Faults)> PutAsync(Service service, string name, string definition)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"/api/producers/{name}") { Content = new StringContent(definition, Encoding.UTF8, "application/json") };
        request.Headers.Add("x-admin-key", Key);
        using var response = await service.Client.SendAsync(request, Stop);
        var body = JsonElement.Parse(await response.Content.ReadAsStringAsync(Stop));
        return (response.StatusCode, body.TryGetProperty("errors", out var errors)
            ? [.. errors.EnumerateArray().Select(error => $"{error.GetProperty("pointer").GetString()}: {error.GetProperty("detail").GetString()}")]
            : []);
    }
}
