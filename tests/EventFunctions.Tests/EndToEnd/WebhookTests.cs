using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace EventFunctions.Tests.EndToEnd;

public sealed class WebhookTests
{
    private const string Key = "an administration key of the tests";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_reaches_the_customers_that_want_it_thin_and_enriched_and_its_deliveries_are_shown()
    {
        await using var customer = await WebhookCustomer.StartAsync();
        await using var service = await StartAsync();
        await customer.RegisterAsync(service.Client, "crm", ""","events":"both" """, Cancellation);
        await customer.RegisterAsync(service.Client, "erp", cancellationToken: Cancellation);
        await customer.RegisterAsync(service.Client, "nobody", ""","filters":[{"operatorType":"StringIn","key":"subject","values":["other"]}]""", Cancellation);
        using (var accepted = await service.PostAsync(Service.Event("1")))
        {
            Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        }

        await Poll.UntilAsync(() => customer.All.Count >= 3, () => string.Join(Environment.NewLine, customer.All));
        Assert.Equal(
            ["crm 1", "crm 1:enriched", "erp 1:enriched"], customer.All.Select(posted => $"{posted.Webhook} {posted.EventId}").Order(StringComparer.Ordinal));
        Assert.Equal(3, customer.All.Select(posted => posted.Id).Distinct().Count());
        Assert.Equal(0, customer.Forged);

        var deliveries = default(JsonElement);
        await Poll.UntilAsync(
            async () =>
            {
                deliveries = await GetAsync(service, "/api/events/1/deliveries?source=" + Uri.EscapeDataString(Service.Source));
                return deliveries.GetProperty("items").EnumerateArray().Count(item => item.GetProperty("status").GetString() == "delivered") == 3;
            },
            () => deliveries.GetRawText());
        var erp = await GetAsync(service, "/api/webhooks/erp/deliveries?status=delivered&limit=10");
        var one = Assert.Single(erp.GetProperty("items").EnumerateArray());
        Assert.Equal(customer.All.Single(posted => posted.Webhook == "erp").Id, one.GetProperty("id").GetString());
        Assert.Equal(204, one.GetProperty("attempts")[0].GetProperty("status").GetInt32());
        Assert.Equal(one.GetRawText(), (await GetAsync(service, "/api/webhooks/erp/deliveries/" + one.GetProperty("id").GetString())).GetRawText());
    }

    [Fact]
    public async Task An_endpoint_that_fails_is_shown_with_when_that_ends_in_being_disabled()
    {
        await using var customer = await WebhookCustomer.StartAsync();
        await using var service = await StartAsync();
        customer.Answer = (_, _, _) => Task.FromResult(500);
        await customer.RegisterAsync(service.Client, "crm", cancellationToken: Cancellation);
        Assert.Equal("{}", (await GetAsync(service, "/api/webhooks/crm/state")).GetRawText());
        using (await service.PostAsync(Service.Event("1")))
        {
            await Poll.UntilAsync(() => customer.All.Count > 0, () => "Nothing came.");
        }

        var state = default(JsonElement);
        await Poll.UntilAsync(
            async () => (state = await GetAsync(service, "/api/webhooks/crm/state")).TryGetProperty("failingSince", out _), () => state.GetRawText());

        Assert.Equal(TimeSpan.FromDays(5), state.GetProperty("disablesAt").GetDateTimeOffset() - state.GetProperty("failingSince").GetDateTimeOffset());
        Assert.Equal(0, state.GetProperty("noticedPercent").GetInt32());
        using var unknown = await service.Client.GetAsync("/api/webhooks/nobody/state", Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Fact]
    public async Task What_failed_is_retried_and_what_was_delivered_can_be_sent_again_under_the_same_id()
    {
        await using var customer = await WebhookCustomer.StartAsync();
        await using var service = await StartAsync();
        customer.Answer = (_, number, _) => Task.FromResult(number == 1 ? 500 : 200);
        await customer.RegisterAsync(service.Client, "crm", cancellationToken: Cancellation);
        using (await service.PostAsync(Service.Event("1")))
        {
            await Poll.UntilAsync(() => customer.All.Count == 2, () => string.Join(Environment.NewLine, customer.All));
        }

        var id = customer.All[0].Id;
        await StatusIsAsync(service, id, "delivered");
        using (var resent = await service.Client.PostAsync($"/api/webhooks/crm/deliveries/{id}/resend", null, Cancellation))
        {
            Assert.Equal(HttpStatusCode.Accepted, resent.StatusCode);
        }

        await Poll.UntilAsync(() => customer.All.Count == 3, () => string.Join(Environment.NewLine, customer.All));
        await StatusIsAsync(service, id, "delivered");
        Assert.Single(customer.All.Select(posted => posted.Id).Distinct());
    }

    [Fact]
    public async Task A_webhook_that_came_late_gets_what_it_missed_once_and_a_disabled_one_what_failed()
    {
        await using var customer = await WebhookCustomer.StartAsync();
        await using var service = await StartAsync();
        for (var i = 0; i < 5; i++)
        {
            using var accepted = await service.PostAsync(Service.Event($"{i}"));
        }

        for (var i = 0; i < 5; i++)
        {
            await service.ReachesAsync($"{i}", "completed");
        }

        await customer.RegisterAsync(service.Client, "late", ""","events":"both" """, Cancellation);
        for (var time = 0; time < 2; time++)
        {
            using var begun = await PostAsync(service, "/api/webhooks/late/replay", """{"since":"2026-01-01T00:00:00Z","rate":100}""");
            Assert.Equal(HttpStatusCode.Accepted, begun.StatusCode);
            var job = default(JsonElement);
            await Poll.UntilAsync(
                async () => (job = await GetAsync(service, begun.Headers.Location!.OriginalString)).GetProperty("state").GetString() == "completed",
                () => job.GetRawText());
            Assert.Equal((5, time == 0 ? 5 : 0), (job.GetProperty("matched").GetInt32(), job.GetProperty("started").GetInt32()));
        }

        await Poll.UntilAsync(() => customer.All.Count == 10, () => string.Join(Environment.NewLine, customer.All));
        Assert.Equal(10, customer.All.Select(posted => posted.Id).Distinct().Count());

        using (var resent = await PostAsync(service, "/api/webhooks/late/resend", """{"since":"2026-01-01T00:00:00Z"}"""))
        {
            Assert.Equal("""{"resent":0,"more":false}""", await resent.Content.ReadAsStringAsync(Cancellation));
        }

        using var unknown = await PostAsync(service, "/api/webhooks/nobody/replay", """{"since":"2026-01-01T00:00:00Z"}""");
        using var wrong = await PostAsync(service, "/api/webhooks/late/resend", """{"sinc":1}""");
        using var none = await service.Client.GetAsync("/api/webhooks/late/deliveries/msg_0000000000000000000000", Cancellation);
        using var status = await service.Client.GetAsync("/api/webhooks/late/deliveries?status=lost&from=x", Cancellation);
        Assert.Equal(
            [HttpStatusCode.Conflict, HttpStatusCode.BadRequest, HttpStatusCode.NotFound, HttpStatusCode.BadRequest],
            new[] { unknown, wrong, none, status }.Select(answer => answer.StatusCode));
    }

    private static async Task<Service> StartAsync()
    {
        var service = await Service.StartAsync(
            settings: [("Webhooks:AllowedNetworks:0", "127.0.0.0/8"), ("Administration:Key", Key)]);
        service.Client.DefaultRequestHeaders.Add("x-admin-key", Key);
        return service;
    }

    private static Task<HttpResponseMessage> PostAsync(Service service, string path, string json) =>
        service.Client.PostAsync(path, new StringContent(json, new MediaTypeHeaderValue("application/json")), Cancellation);

    private static async Task<JsonElement> GetAsync(Service service, string path) =>
        JsonElement.Parse(await service.Client.GetByteArrayAsync(path, Cancellation));

    private static Task StatusIsAsync(Service service, string id, string status)
    {
        var delivery = default(JsonElement);
        return Poll.UntilAsync(
            async () => (delivery = await GetAsync(service, "/api/webhooks/crm/deliveries/" + id)).GetProperty("status").GetString() == status,
            () => delivery.GetRawText());
    }
}
