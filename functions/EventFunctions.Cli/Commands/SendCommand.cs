using System.CommandLine;
using System.Globalization;
using System.Text;
using EventFunctions.Cli.Sending;

namespace EventFunctions.Cli.Commands;

/// <summary><c>send</c>: one event from options, or any number from a file or standard input.</summary>
internal static class SendCommand
{
    private const string StandardInput = "-";

    /// <summary>The command.</summary>
    /// <param name="session">What all commands share.</param>
    public static Command Create(Session session)
    {
        var file = new Argument<string?>("file")
        {
            Description = "A file with an event, an array of them, or one a line (NDJSON); - is standard input.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var attributes = new AttributeOptions();
        var command = new Command("send", "Sends events, and confirms when they are durable.") { file };
        attributes.AddTo(command);
        command.Validators.Add(result =>
        {
            var fromOptions = attributes.All.Any(option => result.GetResult(option) is { Implicit: false });
            if (fromOptions && result.GetValue(file) is not null)
            {
                result.AddError("An event comes either from a file or from options.");
            }
            else if (fromOptions && (result.GetValue(attributes.Source) is null || result.GetValue(attributes.Type) is null))
            {
                result.AddError("An event from options needs --source and --type.");
            }
            else if (!fromOptions && result.GetValue(file) is null && session.Context.IsInputTerminal)
            {
                result.AddError("Name the event: a file, - for standard input, or --source and --type.");
            }
        });
        session.Run(command, async (call, cancellationToken) =>
        {
            if (call.Get(attributes.Source) is not null)
            {
                var id = attributes.IdOf(call);
                return await SendAsync(call, new MemoryStream(attributes.ToJson(call, id)), id, cancellationToken);
            }

            await using var input = InputFile.Open(call, call.Get(file) ?? StandardInput);
            return await SendAsync(call, input, id: null, cancellationToken);
        });
        return command;
    }

    private static async Task<int> SendAsync(Call call, Stream input, string? id, CancellationToken cancellationToken)
    {
        var sender = new EventSender(call);
        try
        {
            return await call.Output.WatchAsync(tell => SendAllAsync(sender, input, tell, cancellationToken));
        }
        finally
        {
            if (!call.Output.IsJson)
            {
                call.Output.Line(id is null ? Summary(sender) : $"{Summary(sender)}: {id}");
            }
        }
    }

    private static async Task<int> SendAllAsync(EventSender sender, Stream input, Action<string> tell, CancellationToken cancellationToken)
    {
        var batch = new List<OutgoingEvent>();
        var bytes = 0;
        var batches = 0;
        try
        {
            await foreach (var outgoing in EventInput.ReadAsync(input, cancellationToken))
            {
                if (batch.Count == EventSender.MaxEvents || (batch.Count > 0 && bytes + outgoing.Json.Length + 2 > EventSender.MaxBytes))
                {
                    await FlushAsync(alone: false);
                }

                batch.Add(outgoing);
                bytes += outgoing.Json.Length + 1;
            }
        }
        catch (ToolException) when (batch.Count > 0)
        {
            // What stands before the fault is whole.
            await FlushAsync(alone: false);
            throw;
        }

        if (batch.Count > 0)
        {
            await FlushAsync(alone: batches == 0 && batch.Count == 1);
        }

        return batches > 0 ? sender.Outcome : throw new ToolException(ExitCode.Usage, "The input holds no event.");

        async Task FlushAsync(bool alone)
        {
            batches++;
            var sent = batch;
            (batch, bytes) = ([], 0);
            await sender.SendAsync(sent, alone, cancellationToken);
            tell($"{Summary(sender)}{(input.CanSeek && input.Length > 0 ? $", {100 * input.Position / input.Length} % read" : "")}");
        }
    }

    private static string Summary(EventSender sender)
    {
        var text = new StringBuilder($"{sender.Accepted} accepted");
        Add(sender.Duplicates, "of them known before");
        Add(sender.Conflicts, "in conflict");
        Add(sender.Refused, "refused");
        return text.ToString();

        void Add(long count, string what)
        {
            if (count > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $", {count} {what}");
            }
        }
    }
}
