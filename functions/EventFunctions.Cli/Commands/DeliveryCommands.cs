using System.Buffers;
using System.CommandLine;
using System.Text.Json;
using EventFunctions.Cli.Service;
using EventFunctions.Cli.Terminal;

namespace EventFunctions.Cli.Commands;

/// <summary>The commands below <c>webhooks</c> that are about deliveries: their log, and sending again.</summary>
/// <param name="session">What all commands share.</param>
/// <param name="definitions">The webhooks.</param>
internal sealed class DeliveryCommands(Session session, DefinitionCommands definitions)
{
    private static readonly string[] Headings = ["created", "status", "webhook", "id", "type", "event", "tried", "last answer", "next"];
    private static readonly string[] AttemptHeadings = ["at", "answer", "ms", "next", "text"];
    private static readonly string[] Facts = ["id", "webhook", "status", "reason", "eventId", "source", "type", "run", "createdAt", "nextAt", "attempted", "job"];

    /// <summary><c>deliveries</c>: of a webhook, or of an event.</summary>
    public Command List()
    {
        var name = new Argument<string?>("name") { Description = "The webhook's name; without it, --event and --source.", Arity = ArgumentArity.ZeroOrOne };
        var eventId = EventOptions.Text("--event", "Of this event, to all webhooks.", "ID");
        var source = EventOptions.Text("--source", "The event's source.", "SOURCE");
        var status = EventOptions.Text("--status", "pending, delivered, failed or abandoned.", "STATUS");
        status.CompletionSources.Add("pending", "delivered", "failed", "abandoned");
        var from = EventOptions.Text("--from", "Recorded at this time or later (RFC 3339).", "TIME");
        var to = EventOptions.Text("--to", "Recorded before this time (RFC 3339).", "TIME");
        var pages = new PageOptions();
        var command = new Command("deliveries", "Lists deliveries, newest first.") { name, eventId, source, status, from, to };
        pages.AddTo(command);
        command.Validators.Add(result =>
        {
            var ofEvent = new Option[] { eventId, source }.Count(option => result.GetResult(option) is { Implicit: false });
            var ofWebhook = result.GetValue(name) is not null || new Option[] { status, from, to }.Any(option => result.GetResult(option) is { Implicit: false });
            if (ofEvent > 0 ? ofEvent == 1 || ofWebhook : result.GetValue(name) is null)
            {
                result.AddError("Say whose deliveries: a webhook's name with filters, or --event and --source.");
            }
        });
        session.Run(command, (call, cancellationToken) => pages.ShowAsync(
            call,
            call.Get(eventId) is { } id ? $"api/events/{DefinitionCommands.SegmentOf(id)}/deliveries" : definitions.PathOf(call.Get(name)!) + "/deliveries",
            () => new Query().Add("source", call.Get(source)).Add("status", call.Get(status)).Add("from", call.Get(from)).Add("to", call.Get(to)),
            Headings,
            Row,
            cancellationToken));
        return command;
    }

    /// <summary><c>delivery</c>: one with its attempts.</summary>
    public Command Get()
    {
        var name = definitions.Name();
        var id = Id();
        var command = new Command("delivery", "Shows a delivery with its attempts.") { name, id };
        session.Run(command, async (call, cancellationToken) =>
        {
            Show(call.Output, (await call.Service.GetAsync(PathOf(call.Get(name)!, call.Get(id)!), cancellationToken)).Json);
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary><c>resend</c>: one, or all that failed since a time.</summary>
    public Command Resend()
    {
        var name = definitions.Name();
        var id = new Argument<string?>("id") { Description = "The delivery's ID; without it, --since.", Arity = ArgumentArity.ZeroOrOne };
        var since = EventOptions.Text("--since", "All failed deliveries recorded at this time or later (RFC 3339).", "TIME");
        var command = new Command("resend", "Sends a delivery again, or all that failed since a time.") { name, id, since };
        command.Validators.Add(result =>
        {
            if (result.GetValue(id) is null == result.GetValue(since) is null)
            {
                result.AddError("Name the deliveries: an ID, or --since.");
            }
        });
        session.Run(command, async (call, cancellationToken) =>
        {
            if (call.Get(id) is { } one)
            {
                var request = new ServiceCall(HttpMethod.Post, PathOf(call.Get(name)!, one) + "/resend");
                Show(call.Output, (await call.Service.SendAsync(request, cancellationToken)).Json);
                return ExitCode.Ok;
            }

            var all = new ServiceCall(HttpMethod.Post, definitions.PathOf(call.Get(name)!) + "/resend") { Body = Body(("since", call.Get(since)), null) };
            await call.Output.WatchAsync(tell => ResendAsync(call, all, tell, cancellationToken));
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary><c>replay</c>: what a webhook has missed.</summary>
    public Command Replay()
    {
        var name = definitions.Name();
        var since = new Option<string>("--since") { Description = "Recorded at this time or later (RFC 3339).", HelpName = "TIME", Required = true };
        var until = EventOptions.Text("--until", "Recorded before this time (default: now).", "TIME");
        var rate = new Option<int?>("--rate") { Description = "The most events per second (default 50).", HelpName = "N" };
        var detach = new Option<bool>("--detach") { Description = "Do not wait for the job's end." };
        var command = new Command("replay", "Delivers the events that a webhook has missed, and waits for the job.") { name, since, until, rate, detach };
        session.Run(command, async (call, cancellationToken) =>
        {
            var request = new ServiceCall(HttpMethod.Post, definitions.PathOf(call.Get(name)!) + "/replay")
            {
                Body = Body(("since", call.Get(since)), call.Get(rate), ("until", call.Get(until))),
            };
            return await JobFollower.ShowAsync(call, await JobFollower.BeginAsync(call, request, cancellationToken), call.Get(detach), cancellationToken);
        });
        return command;
    }

    private static async Task<long> ResendAsync(Call call, ServiceCall request, Action<string> tell, CancellationToken cancellationToken)
    {
        var sent = 0L;
        for (var more = true; more;)
        {
            var answer = (await call.Service.SendAsync(request, cancellationToken)).Json;
            sent += answer.Number("resent");

            // One that promises more and sends nothing would promise for ever.
            more = answer.IsTrue("more") && answer.Number("resent") > 0;
            tell($"{sent} sent again");
            if (call.Output.IsJson)
            {
                call.Output.Json(answer);
            }
        }

        if (!call.Output.IsJson)
        {
            call.Output.Line($"{sent} sent again");
        }

        return sent;
    }

    private static IReadOnlyList<Cell> Row(JsonElement delivery)
    {
        var last = delivery.Items("attempts") is [.., var attempt] ? attempt.Text("status") ?? attempt.Text("fault") : null;
        return
        [
            delivery.Text("createdAt"), Cell.OfState(delivery.Text("status")), delivery.Text("webhook"), delivery.Text("id"), delivery.Text("type"),
            delivery.Text("eventId"), delivery.Text("attempted"), last ?? delivery.Text("reason"), delivery.Text("nextAt"),
        ];
    }

    private static void Show(Output output, JsonElement delivery)
    {
        if (output.IsJson)
        {
            output.Json(delivery);
            return;
        }

        foreach (var (name, value) in Facts.Select(name => (name, delivery.Text(name))).Where(fact => fact.Item2 is not null))
        {
            output.Line((name, 16), (name == "status" ? Cell.OfState(value) : value, 0));
        }

        output.Line();
        output.Table(AttemptHeadings, [.. delivery.Items("attempts").Select(attempt => (IReadOnlyList<Cell>)
            [attempt.Text("at"), attempt.Text("status") ?? attempt.Text("fault"), attempt.Text("durationMs"), attempt.Text("nextAt"), attempt.Text("answer")])]);
    }

    private static byte[] Body((string Name, string? Value) first, int? rate, params (string Name, string? Value)[] others)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in others.Prepend(first).Where(pair => pair.Value is not null))
            {
                writer.WriteString(name, value);
            }

            if (rate is { } most)
            {
                writer.WriteNumber("rate", most);
            }

            writer.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }

    private static Argument<string> Id() => new("id") { Description = "The delivery's ID, which is its webhook-id." };

    private string PathOf(string name, string id) => $"{definitions.PathOf(name)}/deliveries/{DefinitionCommands.SegmentOf(id)}";
}
