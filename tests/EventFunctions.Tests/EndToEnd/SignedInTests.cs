using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using EventFunctions.Local.Hosting;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>What a browser that is signed in may do, and where people and programs are led.</summary>
public sealed class SignedInTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_browser_that_is_signed_in_needs_no_key_on_any_address_and_is_obeyed_on_the_hosts_own_pages_alone()
    {
        await using var service = await Service.StartAsync(urls: "http://0.0.0.0:0", settings: ("Keys:Host", "the-key-of-this-host"));
        await using var other = await Service.StartAsync();
        using var client = NewClient(service);
        var cookie = await SignInAsync(service);
        var foreign = $"eventfunctions-{service.Host.Address.Port}={(await SignInAsync(other)).Split('=')[1]}";
        (string, string) own = ("Cookie", cookie), page = ("Origin", service.Host.Address.GetLeftPart(UriPartial.Authority));

        foreach (var (status, headers) in new (HttpStatusCode, (string, string)[])[]
        {
            (HttpStatusCode.OK, [own]),
            (HttpStatusCode.OK, [own, page, ("Sec-Fetch-Site", "same-origin")]),
            (HttpStatusCode.OK, [own, ("Sec-Fetch-Site", "none")]),
            (HttpStatusCode.OK, [own, ("x-functions-key", "wrong"), ("x-admin-key", "wrong")]),
            (HttpStatusCode.Unauthorized, []),
            (HttpStatusCode.Unauthorized, [("Cookie", foreign)]),
            (HttpStatusCode.Forbidden, [own, ("Origin", "http://evil.example")]),
            (HttpStatusCode.Forbidden, [own, ("Origin", "http://127.0.0.1:1")]),
            (HttpStatusCode.Forbidden, [own, ("Sec-Fetch-Site", "same-site")]),
            (HttpStatusCode.Forbidden, [own, ("Sec-Fetch-Site", "cross-site")]),
        })
        {
            foreach (var path in new[] { "/api/events", "/api/producers", "/api/failures", "/api/webhooks" })
            {
                Assert.Equal(status, await SendAsync(client, HttpMethod.Get, path, null, headers));
            }
        }

        using var form = new StringContent("{}", null, "text/plain");
        Assert.Equal(HttpStatusCode.Forbidden, await SendAsync(client, HttpMethod.Post, "/api/failures", form, own));
        using var json = new StringContent("""{"action":"replay","producer":"stub","type":"thing.changed","reason":"dataNotFound"}""", null, "application/json");
        Assert.Equal(HttpStatusCode.Accepted, await SendAsync(client, HttpMethod.Post, "/api/failures", json, own, page));
    }

    [Fact]
    public async Task People_are_led_to_the_dashboard_and_programs_to_the_contract()
    {
        await using var service = await Service.StartAsync();
        using var client = NewClient(service);
        foreach (var path in new[] { "/", "/api", "/api/" })
        {
            using var person = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { { "Accept", "text/html,application/xhtml+xml,*/*;q=0.8" } } };
            using var led = await client.SendAsync(person, Cancellation);
            using var links = JsonDocument.Parse(await client.GetStringAsync(path, Cancellation));

            Assert.Equal((HttpStatusCode.Found, "/api/dashboard"), (led.StatusCode, led.Headers.Location?.OriginalString));
            Assert.Equal(["contract", "reference", "dashboard", "health"], links.RootElement.EnumerateObject().Select(link => link.Name));
            foreach (var link in links.RootElement.EnumerateObject())
            {
                Assert.Equal(HttpStatusCode.OK, await SendAsync(client, HttpMethod.Get, link.Value.GetString()!, null));
            }
        }
    }

    private static HttpClient NewClient(Service service) =>
        new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = service.Host.Address };

    private static async Task<string> SignInAsync(Service service)
    {
        using var client = NewClient(service);
        using var answer = await client.PostAsJsonAsync(SignIn.Path, new { token = service.CreateLink().Fragment["#token=".Length..] }, Cancellation);
        return answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
    }

    private static async Task<HttpStatusCode> SendAsync(
        HttpClient client, HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await client.SendAsync(request, Cancellation);
        return answer.StatusCode;
    }
}
